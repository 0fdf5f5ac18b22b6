/* SPDX-License-Identifier: MIT */
/*
 * smb_told.h - SMB messages of the first connection of owner_ledger.h, told in order, and what
 * became of them.
 *
 *     struct smb_story story;
 *     smb_story_open(&story);
 *     smb_ask(&story, 10, 5, CORR_SMB_READ, 65536);      at 10 ms, message id 5
 *     smb_answer(&story, 19, 5, CORR_SMB_READ, 65000, 0);
 *     smb_story_finish(&story);                          story.kept[0] ...
 *     smb_story_close(&story);
 *
 * Tree 4 is \\fs\data, the open file a\b.txt.
 */
#ifndef TESTS_UNIT_SMB_TOLD_H
#define TESTS_UNIT_SMB_TOLD_H

#include "correlate/smb_operations.h"
#include "tests/unit/owner_ledger.h"

#define SMB_KEPT 32

struct smb_story {
    struct owner_ledger owners;
    struct corr_smb_operations *operations;
    struct corr_smb_operation kept[SMB_KEPT];
    size_t count;
    uint64_t frame;
};

static inline enum etw_status smb_keep(void *context, const struct corr_smb_operation *operation,
                                       struct etw_error *error)
{
    struct smb_story *story = context;
    (void)error;
    assert_true(story->count < SMB_KEPT);
    story->kept[story->count++] = *operation;
    return ETW_OK;
}

static inline void smb_story_open(struct smb_story *story)
{
    struct etw_error error;
    *story = (struct smb_story){.count = 0};
    owner_ledger_open(&story->owners);
    assert_int_equal(corr_smb_operations_new(smb_keep, story, &story->operations, &error), ETW_OK);
}

static inline struct corr_smb_message smb_message(struct smb_story *story, int milliseconds,
                                                  uint64_t id, enum corr_smb_command command)
{
    int64_t time = SAMPLE_TIME + milliseconds * MILLISECOND;
    return (struct corr_smb_message){.kind = CORR_SMB_2,
                                     .time = time,
                                     .last_time = time,
                                     .frame = ++story->frame,
                                     .offset = 1000 + story->frame,
                                     .socket = story->owners.first,
                                     .command = (uint8_t)command,
                                     .command_number = (uint16_t)command,
                                     .message_id = id,
                                     .session_id = 0x77,
                                     .tree_id = 4,
                                     .file_id = {.persistent = 1, .volatile_part = 9},
                                     .has = CORR_SMB_HAS_SESSION | CORR_SMB_HAS_TREE |
                                            CORR_SMB_HAS_FILE_ID};
}

static inline void smb_take(struct smb_story *story, const struct corr_smb_message *message)
{
    assert_true(corr_smb_operations_take(story->operations, message));
}

static inline void smb_ask(struct smb_story *story, int milliseconds, uint64_t id,
                           enum corr_smb_command command, uint32_t length)
{
    struct corr_smb_message message = smb_message(story, milliseconds, id, command);
    message.length = length;
    message.has |= length > 0 ? CORR_SMB_HAS_LENGTH : 0;
    if (command == CORR_SMB_TREE_CONNECT) {
        message.share = bytes_of(u"\\\\fs\\data", 18);
    }
    if (command == CORR_SMB_CREATE) {
        message.file = bytes_of(u"a\\b.txt", 14);
    }
    smb_take(story, &message);
}

static inline void smb_answer(struct smb_story *story, int milliseconds, uint64_t id,
                              enum corr_smb_command command, uint32_t length, uint32_t status)
{
    struct corr_smb_message message = smb_message(story, milliseconds, id, command);
    message.length = length;
    message.status = status;
    message.has |= CORR_SMB_IS_RESPONSE | CORR_SMB_HAS_STATUS;
    message.has |= length > 0 ? CORR_SMB_HAS_LENGTH : 0;
    smb_take(story, &message);
}

/* The share and the file are opened, within 4 ms. */
static inline void smb_open_file(struct smb_story *story)
{
    smb_ask(story, 1, 1, CORR_SMB_TREE_CONNECT, 0);
    smb_answer(story, 2, 1, CORR_SMB_TREE_CONNECT, 0, 0);
    smb_ask(story, 3, 2, CORR_SMB_CREATE, 0);
    smb_answer(story, 4, 2, CORR_SMB_CREATE, 0, 0);
}

static inline void smb_story_finish(struct smb_story *story)
{
    struct etw_error error;
    assert_int_equal(corr_smb_operations_finish(story->operations, &error), ETW_OK);
}

static inline void smb_story_close(struct smb_story *story)
{
    corr_smb_operations_free(story->operations);
    owner_ledger_close(&story->owners);
}

#endif
