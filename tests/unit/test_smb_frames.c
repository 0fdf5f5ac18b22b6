/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "correlate/smb_frames.h"
#include "smb_bytes.h"

enum { UNICODE = 0x8000 | 0x4000, ASCII = 0x4000, RELATED_FLAG = 4, ASYNC_FLAG = 2 };

static struct smb_bytes bytes;
static struct seen seen;
static const struct corr_smb_message nothing;

static int clear(void **state)
{
    (void)state;
    bytes.size = 0;
    seen.count = 0;
    seen.most = 0;
    return 0;
}

/* Reads a copy of exactly this size, so that a sanitizer sees every read behind it. */
static bool read_first(size_t size, const struct corr_smb_message *given)
{
    uint8_t *copy = malloc(size ? size : 1);
    assert_non_null(copy);
    memcpy(copy, bytes.data, size);
    seen.count = 0;
    bool is_good = smb_frames_read(bytes_of(copy, size), given, see, &seen);
    free(copy);
    return is_good;
}

static const struct corr_smb_message *read_one(void)
{
    assert_true(read_first(bytes.size, &nothing));
    assert_int_equal(seen.count, 1);
    return &seen.rows[0].message;
}

static bool has(const struct corr_smb_message *message, uint32_t members)
{
    return (message->has & members) == members;
}

static void a_read_names_file_length_and_offset(void **state)
{
    (void)state;
    append_read(&bytes, 7, 65536, UINT64_C(0x123456789A));
    const struct corr_smb_message *message = read_one();
    assert_int_equal(message->kind, CORR_SMB_2);
    assert_int_equal(message->command, CORR_SMB_READ);
    assert_int_equal(message->message_id, 7);
    assert_int_equal(message->session_id, 0x2222);
    assert_int_equal(message->tree_id, 0x11);
    assert_int_equal(message->file_id.persistent, 0x3333);
    assert_int_equal(message->file_id.volatile_part, 0x4444);
    assert_int_equal(message->length, 65536);
    assert_true(message->data_offset == UINT64_C(0x123456789A));
    assert_int_equal(message->credit_charge, 3);
    assert_int_equal(message->credits, 31);
    assert_int_equal(message->size, 113);
    assert_true(has(message, CORR_SMB_HAS_SESSION | CORR_SMB_HAS_TREE | CORR_SMB_HAS_FILE_ID |
                                 CORR_SMB_HAS_LENGTH | CORR_SMB_HAS_OFFSET | CORR_SMB_HAS_CREDITS));
    assert_false(message->has & (CORR_SMB_IS_RESPONSE | CORR_SMB_HAS_STATUS | CORR_SMB_IS_CUT));
}

static void an_answer_has_status_and_length(void **state)
{
    (void)state;
    size_t at = append_read_answer(&bytes, 7, 100);
    put_number(&bytes, at + 8, 4, 0x80000005);
    const struct corr_smb_message *message = read_one();
    assert_true(has(message, CORR_SMB_IS_RESPONSE | CORR_SMB_HAS_STATUS | CORR_SMB_HAS_LENGTH));
    assert_true(message->status == 0x80000005);
    assert_int_equal(message->length, 100);
    assert_int_equal(message->size, 180);
}

static void the_body_of_an_error_is_not_read(void **state)
{
    (void)state;
    size_t at = append_smb2(&bytes, CORR_SMB_QUERY_INFO, 1, 1, 9);
    put_number(&bytes, at + 64, 2, 9);
    put_number(&bytes, at + 68, 4, 77);
    put_number(&bytes, at + 8, 4, 0xC0000022);
    assert_false(read_one()->has & CORR_SMB_HAS_LENGTH);
    put_number(&bytes, at + 8, 4, 0);
    assert_int_equal(read_one()->length, 77);
}

static void shares_files_and_new_names_are_named(void **state)
{
    (void)state;
    append_create(&bytes, 1, "reports\\a.txt");
    (void)read_one();
    assert_string_equal(seen.rows[0].file, "reports\\a.txt");

    bytes.size = 0;
    size_t at = append_smb2(&bytes, CORR_SMB_TREE_CONNECT, 0, 1, 8);
    put_number(&bytes, at + 64, 2, 9);
    put_number(&bytes, at + 68, 2, 72);
    put_number(&bytes, at + 70, 2, 16);
    append_wide(&bytes, "\\\\srv\\me");
    (void)read_one();
    assert_string_equal(seen.rows[0].share, "\\\\srv\\me");

    bytes.size = 0;
    at = append_smb2(&bytes, CORR_SMB_SET_INFO, 0, 1, 32 + 20);
    put_number(&bytes, at + 64, 2, 33);
    put_number(&bytes, at + 66, 2, 0x0A01);
    put_number(&bytes, at + 68, 4, 26);
    put_number(&bytes, at + 72, 2, 96);
    put_number(&bytes, at + 96 + 16, 4, 6);
    append_wide(&bytes, "new");
    assert_int_equal(read_one()->length, 26);
    assert_string_equal(seen.rows[0].new_name, "new");
    put_number(&bytes, at + 67, 1, 4); /* sets times, which are no name */
    (void)read_one();
    assert_string_equal(seen.rows[0].new_name, "");
}

static void a_name_longer_than_its_message_is_cut(void **state)
{
    (void)state;
    size_t at = append_create(&bytes, 1, "abc");
    put_number(&bytes, at + 64 + 46, 2, 600);
    assert_true(has(read_one(), CORR_SMB_IS_CUT));
    assert_string_equal(seen.rows[0].file, "abc");
}

/* CREATE, READ, CLOSE in one message, as clients send them; the last two are about the first. */
static void append_compound(void)
{
    size_t create = append_create(&bytes, 10, "abcd");
    put_number(&bytes, create + 20, 4, 128);
    size_t read = append_read(&bytes, 11, 512, 0);
    put_zeros(&bytes, 7);
    put_number(&bytes, read + 16, 4, RELATED_FLAG);
    put_number(&bytes, read + 20, 4, 120);
    memset(bytes.data + read + 36, 0xFF, 12);
    memset(bytes.data + read + 80, 0xFF, 16);
    size_t close = append_smb2(&bytes, CORR_SMB_CLOSE, RELATED_FLAG, 12, 24);
    put_number(&bytes, close + 64, 2, 24);
    memset(bytes.data + close + 36, 0xFF, 12);
    memset(bytes.data + close + 72, 0xFF, 16);
}

static void compounded_parts_take_over_session_and_tree(void **state)
{
    (void)state;
    append_compound();
    assert_true(read_first(bytes.size, &nothing));
    assert_int_equal(seen.count, 3);
    const unsigned commands[] = {CORR_SMB_CREATE, CORR_SMB_READ, CORR_SMB_CLOSE};
    const uint32_t sizes[] = {128, 120, 88};
    for (unsigned i = 0; i < 3; i++) {
        const struct corr_smb_message *message = &seen.rows[i].message;
        assert_int_equal(message->command, commands[i]);
        assert_int_equal(message->size, sizes[i]);
        assert_int_equal(message->message_id, 10 + i);
        assert_int_equal(message->session_id, 0x2222);
        assert_int_equal(message->tree_id, 0x11);
        assert_false(message->has & CORR_SMB_HAS_FILE_ID);
        assert_int_equal((message->has & CORR_SMB_IS_RELATED) != 0, i > 0);
    }
}

static void every_beginning_of_a_compound_is_read_as_far_as_it_goes(void **state)
{
    (void)state;
    append_compound();
    for (size_t size = 0; size < bytes.size; size++) {
        struct corr_smb_message given = {.size = (uint32_t)bytes.size};
        assert_true(read_first(size, &given));
        int starts = (size >= 64) + (size >= 128 + 64) + (size >= 248 + 64);
        assert_int_equal(seen.count, starts);
        for (size_t i = 0; i < seen.count && i < 3; i++) {
            static const size_t ends[] = {128, 248, 336};
            assert_int_equal((seen.rows[i].message.has & CORR_SMB_IS_CUT) != 0, size < ends[i]);
        }
    }
}

static void a_next_part_that_makes_no_sense_is_none(void **state)
{
    (void)state;
    size_t at = append_read(&bytes, 1, 1, 0);
    static const uint32_t offsets[] = {1, 8, 63, 65, 113, 120, UINT32_MAX, 0x80000000};
    for (size_t i = 0; i < sizeof(offsets) / sizeof(offsets[0]); i++) {
        put_number(&bytes, at + 20, 4, offsets[i]);
        assert_int_equal(read_one()->size, 113);
    }
}

static void a_promise_is_interim_and_has_no_tree(void **state)
{
    (void)state;
    size_t at = append_smb2(&bytes, CORR_SMB_CHANGE_NOTIFY, ASYNC_FLAG | 1, 5, 9);
    put_number(&bytes, at + 8, 4, 0x103);
    put_number(&bytes, at + 32, 8, 0x99);
    put_number(&bytes, at + 64, 2, 9);
    const struct corr_smb_message *message = read_one();
    assert_true(has(message, CORR_SMB_IS_ASYNC | CORR_SMB_IS_INTERIM));
    assert_int_equal(message->async_id, 0x99);
    assert_false(message->has & (CORR_SMB_HAS_TREE | CORR_SMB_HAS_LENGTH));
    put_number(&bytes, at + 8, 4, 0);
    assert_false(read_one()->has & CORR_SMB_IS_INTERIM);
}

static void unknown_commands_keep_their_number(void **state)
{
    (void)state;
    append_smb2(&bytes, 0x1234, 0, 5, 2);
    const struct corr_smb_message *message = read_one();
    assert_int_equal(message->command, CORR_SMB_OTHER);
    assert_int_equal(message->command_number, 0x1234);
}

static void dialects_and_control_codes_are_read(void **state)
{
    (void)state;
    size_t at = append_smb2(&bytes, CORR_SMB_NEGOTIATE, 1, 0, 65);
    put_number(&bytes, at + 64, 2, 65);
    put_number(&bytes, at + 68, 4, 0x00030311);
    assert_int_equal(read_one()->dialect, 0x0311);
    bytes.size = 0;
    at = append_smb2(&bytes, CORR_SMB_IOCTL, 0, 0, 57);
    put_number(&bytes, at + 64, 2, 57);
    put_number(&bytes, at + 68, 4, 0x0011C017);
    put_number(&bytes, at + 92, 4, 12);
    const struct corr_smb_message *message = read_one();
    assert_true(has(message, CORR_SMB_HAS_CONTROL_CODE));
    assert_int_equal(message->control_code, 0x0011C017);
    assert_int_equal(message->length, 12);
}

static void of_an_encrypted_message_session_and_size_are_known(void **state)
{
    (void)state;
    put_zeros(&bytes, 200);
    memcpy(bytes.data,
           "\xFD"
           "SMB",
           4);
    put_number(&bytes, 44, 8, 0x7777);
    struct corr_smb_message given = {.has = CORR_SMB_IS_RESPONSE, .time = 5, .frame = 6};
    assert_true(read_first(bytes.size, &given));
    const struct corr_smb_message *message = &seen.rows[0].message;
    assert_int_equal(message->kind, CORR_SMB_ENCRYPTED);
    assert_int_equal(message->command, CORR_SMB_OTHER);
    assert_int_equal(message->session_id, 0x7777);
    assert_int_equal(message->size, 200);
    assert_int_equal(message->time, 5);
    assert_int_equal(message->frame, 6);
    assert_int_equal(message->has, CORR_SMB_IS_RESPONSE | CORR_SMB_HAS_SESSION);
}

static void of_a_compressed_message_its_plain_beginning_is_read(void **state)
{
    (void)state;
    put_zeros(&bytes, 16);
    memcpy(bytes.data,
           "\xFC"
           "SMB",
           4);
    put_number(&bytes, 8, 2, 1);
    append_read_answer(&bytes, 9, 3000);
    put_number(&bytes, 12, 4, 80);
    const struct corr_smb_message *message = read_one();
    assert_int_equal(message->kind, CORR_SMB_COMPRESSED);
    assert_int_equal(message->command, CORR_SMB_READ);
    assert_int_equal(message->length, 3000);
    put_number(&bytes, 10, 2, 1); /* chained, and the first of the chain is compressed */
    assert_int_equal(read_one()->command, CORR_SMB_OTHER);
    put_number(&bytes, 8, 2, 0);
    assert_int_equal(read_one()->command, CORR_SMB_READ);
}

static void what_has_no_sign_is_no_message(void **state)
{
    (void)state;
    append_read(&bytes, 1, 1, 0);
    bytes.data[0] = 0xFB;
    assert_true(read_first(bytes.size, &nothing));
    assert_int_equal(seen.count, 0);
    bytes.data[0] = 0xFE;
    bytes.data[4] = 65; /* a header of another size */
    assert_true(read_first(bytes.size, &nothing));
    assert_int_equal(seen.count, 0);
}

static void the_sink_can_end_it(void **state)
{
    (void)state;
    append_compound();
    seen.most = 1;
    assert_false(read_first(bytes.size, &nothing));
    assert_int_equal(seen.count, 1);
}

/* ---- SMB1 ---- */

static void smb1_create_names_its_file(void **state)
{
    (void)state;
    append_smb1(&bytes, 0xA2, false, UNICODE);
    size_t words = append_words(&bytes, 24);
    put_number(&bytes, words, 1, 0xFF);
    put_zeros(&bytes, bytes.size & 1);
    append_wide(&bytes, "\\a\\b.txt");
    put_zeros(&bytes, 2);
    end_smb1(&bytes, words);
    const struct corr_smb_message *message = read_one();
    assert_int_equal(message->kind, CORR_SMB_1);
    assert_int_equal(message->command, CORR_SMB_CREATE);
    assert_int_equal(message->command_number, 0xA2);
    assert_int_equal(message->tree_id, 0x801);
    assert_int_equal(message->session_id, 0x802);
    assert_int_equal(message->message_id, 0x803);
    assert_string_equal(seen.rows[0].file, "\\a\\b.txt");
}

static void smb1_names_without_unicode_are_widened(void **state)
{
    (void)state;
    append_smb1(&bytes, 0x07, false, ASCII);
    size_t words = append_words(&bytes, 1);
    put_number(&bytes, bytes.size++, 1, 4);
    append_narrow(&bytes, "\\old.txt");
    put_number(&bytes, bytes.size++, 1, 4);
    append_narrow(&bytes, "\\new.txt");
    end_smb1(&bytes, words);
    assert_int_equal(read_one()->command, CORR_SMB_OTHER);
    assert_string_equal(seen.rows[0].file, "\\old.txt");
    assert_string_equal(seen.rows[0].new_name, "\\new.txt");
}

static void smb1_reads_and_writes_have_file_length_and_offset(void **state)
{
    (void)state;
    append_smb1(&bytes, 0x2E, false, UNICODE);
    size_t words = append_words(&bytes, 12);
    put_number(&bytes, words, 1, 0xFF);
    put_number(&bytes, words + 4, 2, 0x494);
    put_number(&bytes, words + 6, 4, 263884800);
    put_number(&bytes, words + 10, 2, 0x1000);
    put_number(&bytes, words + 14, 4, 1);
    put_number(&bytes, words + 20, 4, 2);
    const struct corr_smb_message *message = read_one();
    assert_int_equal(message->command, CORR_SMB_READ);
    assert_int_equal(message->file_id.volatile_part, 0x494);
    assert_int_equal(message->length, 0x11000);
    assert_true(message->data_offset == (UINT64_C(2) << 32 | 263884800));
    put_number(&bytes, words + 14, 4, UINT32_MAX); /* a timeout, of a pipe */
    assert_int_equal(read_one()->length, 0x1000);

    bytes.size = 0;
    append_smb1(&bytes, 0x2F, true, UNICODE);
    words = append_words(&bytes, 6);
    put_number(&bytes, words, 1, 0xFF);
    put_number(&bytes, words + 4, 2, 61440);
    message = read_one();
    assert_int_equal(message->command, CORR_SMB_WRITE);
    assert_int_equal(message->length, 61440);
    assert_true(has(message, CORR_SMB_IS_RESPONSE | CORR_SMB_HAS_STATUS));
}

static void smb1_transactions_are_what_is_in_them(void **state)
{
    (void)state;
    append_smb1(&bytes, 0x32, false, UNICODE);
    size_t words = append_words(&bytes, 15);
    put_number(&bytes, words + 28, 2, 1); /* find first */
    put_zeros(&bytes, 3);
    put_number(&bytes, words + 20, 2, bytes.size);
    put_zeros(&bytes, 12);
    append_wide(&bytes, "\\*.txt");
    put_zeros(&bytes, 2);
    end_smb1(&bytes, words);
    assert_int_equal(read_one()->command, CORR_SMB_QUERY_DIRECTORY);
    assert_string_equal(seen.rows[0].file, "\\*.txt");

    bytes.size = 0;
    append_smb1(&bytes, 0xA0, false, UNICODE);
    words = append_words(&bytes, 23);
    put_number(&bytes, words + 36, 2, 2);
    put_number(&bytes, words + 38, 4, 0x90073);
    put_number(&bytes, words + 42, 2, 0x44);
    const struct corr_smb_message *message = read_one();
    assert_int_equal(message->command, CORR_SMB_IOCTL);
    assert_int_equal(message->control_code, 0x90073);
    assert_int_equal(message->file_id.volatile_part, 0x44);
}

/* Session setup with a tree connect behind it; returns the words of the first. */
static size_t append_chain(void)
{
    append_smb1(&bytes, 0x73, false, UNICODE);
    size_t words = append_words(&bytes, 12);
    put_number(&bytes, words, 1, 0x75);
    end_smb1(&bytes, words);
    put_number(&bytes, words + 2, 2, bytes.size);
    size_t second = append_words(&bytes, 4);
    put_number(&bytes, second, 1, 0xFF);
    put_number(&bytes, second + 6, 2, 1);
    put_zeros(&bytes, 1); /* the password */
    put_zeros(&bytes, bytes.size & 1);
    append_wide(&bytes, "\\\\srv\\c");
    put_zeros(&bytes, 2);
    append_narrow(&bytes, "?????");
    end_smb1(&bytes, second);
    return words;
}

static void smb1_chained_commands_are_messages_of_their_own(void **state)
{
    (void)state;
    size_t words = append_chain();
    assert_true(read_first(bytes.size, &nothing));
    assert_int_equal(seen.count, 2);
    assert_int_equal(seen.rows[0].message.command, CORR_SMB_SESSION_SETUP);
    assert_int_equal(seen.rows[0].message.size, bytes.size);
    assert_int_equal(seen.rows[1].message.command, CORR_SMB_TREE_CONNECT);
    assert_int_equal(seen.rows[1].message.size, 0);
    assert_true(has(&seen.rows[1].message, CORR_SMB_IS_RELATED));
    assert_string_equal(seen.rows[1].share, "\\\\srv\\c");
    for (unsigned back = 0; back < 59; back++) { /* a chain never goes back */
        put_number(&bytes, words + 2, 2, back);
        assert_true(read_first(bytes.size, &nothing));
        assert_int_equal(seen.count, 1);
    }
}

static void smb1_every_beginning_of_a_chain_can_be_read(void **state)
{
    (void)state;
    append_chain();
    for (size_t size = 0; size < bytes.size; size++) {
        struct corr_smb_message given = {.size = (uint32_t)bytes.size};
        assert_true(read_first(size, &given));
        assert_true(seen.count == 0 || has(&seen.rows[0].message, CORR_SMB_IS_CUT));
    }
}

/* Behind 14 words and what stands at `setup` comes the name of a pipe. */
static void append_transaction(const char *pipe, unsigned setup, uint16_t call)
{
    append_smb1(&bytes, 0x25, false, UNICODE);
    size_t words = append_words(&bytes, setup ? 16 : 14);
    if (setup) {
        put_number(&bytes, words + 28, 2, setup);
        put_number(&bytes, words + 30, 2, 0x494);
    }
    put_zeros(&bytes, bytes.size & 1);
    append_wide(&bytes, pipe);
    put_zeros(&bytes, 2);
    put_number(&bytes, words + 18, 2, 2);
    put_number(&bytes, words + 20, 2, bytes.size);
    put_zeros(&bytes, 2);
    put_number(&bytes, bytes.size - 2, 2, call);
    end_smb1(&bytes, words);
}

static void smb1_transactions_name_their_pipe_and_what_they_call(void **state)
{
    (void)state;
    append_transaction("\\PIPE\\LANMAN", 0, 104);
    const struct corr_smb_message *message = read_one();
    assert_int_equal(message->command, CORR_SMB_OTHER);
    assert_int_equal(message->command_number, 0x25);
    assert_string_equal(seen.rows[0].file, "\\PIPE\\LANMAN");
    assert_true(has(message, CORR_SMB_HAS_CALL));
    assert_int_equal(message->call, 104);
    bytes.size = 0;
    append_transaction("\\pipe\\Lanman", 0, 0); /* as older clients write it */
    assert_true(has(read_one(), CORR_SMB_HAS_CALL));
    assert_int_equal(seen.rows[0].message.call, 0);
    bytes.size = 0;
    append_transaction("\\MAILSLOT\\BROWSE", 0, 104);
    assert_false(read_one()->has & CORR_SMB_HAS_CALL);
    bytes.size = 0;
    append_transaction("\\PIPE\\", 0x26, 104);
    message = read_one();
    assert_true(has(message, CORR_SMB_HAS_FILE_ID));
    assert_int_equal(message->file_id.volatile_part, 0x494);
    assert_string_equal(seen.rows[0].file, ""); /* the file id says which pipe */
}

static void smb1_of_several_answers_to_a_transaction_the_last_ends_it(void **state)
{
    (void)state;
    append_smb1(&bytes, 0x32, true, UNICODE);
    size_t words = append_words(&bytes, 10);
    put_number(&bytes, words + 2, 2, 5000); /* all data */
    put_number(&bytes, words + 12, 2, 4000);
    assert_true(has(read_one(), CORR_SMB_IS_INTERIM));
    put_number(&bytes, words + 12, 2, 1000);
    put_number(&bytes, words + 16, 2, 4000); /* what came before */
    assert_false(read_one()->has & CORR_SMB_IS_INTERIM);
    put_number(&bytes, words, 2, 1); /* a parameter that is not there */
    assert_true(has(read_one(), CORR_SMB_IS_INTERIM));

    bytes.size = 0;
    append_smb1(&bytes, 0xA0, true, UNICODE);
    words = append_words(&bytes, 18);
    put_number(&bytes, words + 7, 4, 100000);
    put_number(&bytes, words + 23, 4, 60000);
    assert_true(has(read_one(), CORR_SMB_IS_INTERIM));
    put_number(&bytes, words + 31, 4, 40000);
    assert_false(read_one()->has & CORR_SMB_IS_INTERIM);
}

static void smb1_parts_of_a_transaction_end_nothing(void **state)
{
    (void)state;
    size_t at = append_smb1(&bytes, 0x25, true, UNICODE);
    append_words(&bytes, 0); /* the server wants the rest of the request */
    assert_true(has(read_one(), CORR_SMB_IS_INTERIM));
    put_number(&bytes, at + 5, 4, 0xC0000022u); /* or refuses it */
    assert_false(read_one()->has & CORR_SMB_IS_INTERIM);
    static const uint8_t more[] = {0x26, 0x33, 0xA1};
    for (size_t i = 0; i < sizeof(more); i++) {
        bytes.size = 0;
        append_smb1(&bytes, more[i], false, UNICODE);
        append_words(&bytes, 9);
        assert_true(has(read_one(), CORR_SMB_IS_INTERIM));
    }
}

static void smb1_errors_of_dos_have_class_and_code(void **state)
{
    (void)state;
    size_t at = append_smb1(&bytes, 0x04, true, 0x8000);
    put_number(&bytes, at + 5, 4, 0x00027701);
    append_words(&bytes, 0);
    assert_true(has(read_one(), CORR_SMB_HAS_STATUS));
    assert_int_equal(seen.rows[0].message.status, 0x00020001); /* without what is reserved */
    put_number(&bytes, at + 5, 4, 0);
    assert_true(has(read_one(), CORR_SMB_HAS_STATUS));
    assert_int_equal(seen.rows[0].message.status, 0);
    put_number(&bytes, at + 24, 2, 0xFFFF);
    assert_false(read_one()->has & CORR_SMB_HAS_TREE);
}

static void smb1_negotiation_tells_the_dialect(void **state)
{
    (void)state;
    append_smb1(&bytes, 0x72, true, UNICODE);
    size_t words = append_words(&bytes, 17);
    put_number(&bytes, words, 2, 5);
    const struct corr_smb_message *message = read_one();
    assert_int_equal(message->command, CORR_SMB_NEGOTIATE);
    assert_true(has(message, CORR_SMB_HAS_DIALECT));
    assert_int_equal(message->dialect, 1);
    put_number(&bytes, words, 2, 0xFFFF); /* none of them */
    assert_false(read_one()->has & CORR_SMB_HAS_DIALECT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_read_names_file_length_and_offset, clear),
        cmocka_unit_test_setup(an_answer_has_status_and_length, clear),
        cmocka_unit_test_setup(the_body_of_an_error_is_not_read, clear),
        cmocka_unit_test_setup(shares_files_and_new_names_are_named, clear),
        cmocka_unit_test_setup(a_name_longer_than_its_message_is_cut, clear),
        cmocka_unit_test_setup(compounded_parts_take_over_session_and_tree, clear),
        cmocka_unit_test_setup(every_beginning_of_a_compound_is_read_as_far_as_it_goes, clear),
        cmocka_unit_test_setup(a_next_part_that_makes_no_sense_is_none, clear),
        cmocka_unit_test_setup(a_promise_is_interim_and_has_no_tree, clear),
        cmocka_unit_test_setup(unknown_commands_keep_their_number, clear),
        cmocka_unit_test_setup(dialects_and_control_codes_are_read, clear),
        cmocka_unit_test_setup(of_an_encrypted_message_session_and_size_are_known, clear),
        cmocka_unit_test_setup(of_a_compressed_message_its_plain_beginning_is_read, clear),
        cmocka_unit_test_setup(what_has_no_sign_is_no_message, clear),
        cmocka_unit_test_setup(the_sink_can_end_it, clear),
        cmocka_unit_test_setup(smb1_create_names_its_file, clear),
        cmocka_unit_test_setup(smb1_names_without_unicode_are_widened, clear),
        cmocka_unit_test_setup(smb1_reads_and_writes_have_file_length_and_offset, clear),
        cmocka_unit_test_setup(smb1_transactions_are_what_is_in_them, clear),
        cmocka_unit_test_setup(smb1_chained_commands_are_messages_of_their_own, clear),
        cmocka_unit_test_setup(smb1_every_beginning_of_a_chain_can_be_read, clear),
        cmocka_unit_test_setup(smb1_transactions_name_their_pipe_and_what_they_call, clear),
        cmocka_unit_test_setup(smb1_of_several_answers_to_a_transaction_the_last_ends_it, clear),
        cmocka_unit_test_setup(smb1_parts_of_a_transaction_end_nothing, clear),
        cmocka_unit_test_setup(smb1_errors_of_dos_have_class_and_code, clear),
        cmocka_unit_test_setup(smb1_negotiation_tells_the_dialect, clear),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
