/* SPDX-License-Identifier: MIT */
/* Entry: one byte, how much longer the message was on the wire, then its bytes. Holds: members have
 * the values of their enumerations, sizes of parts add up to no more than the message, texts are
 * whole characters and no longer than what may name them, and reading again gives the same. */
#include <stdint.h>
#include <stdlib.h>

#include "correlate/smb_frames.h"

struct sums {
    uint64_t count, sizes, mix;
    uint32_t most;
};

static void require(bool holds)
{
    if (!holds) {
        abort();
    }
}

/* Reads every byte of the text, so that a sanitizer sees where it lies. */
static void check_text(struct sums *sums, struct bytes text)
{
    require(text.size % 2 == 0 && text.size <= UINT16_MAX + 1u + sums->most);
    for (size_t i = 0; i < text.size; i++) {
        sums->mix = sums->mix * 31 + text.data[i];
    }
}

/* Of SMB1: in several messages, of which those between are interim without a status of their own.
 */
static bool is_transaction(const struct corr_smb_message *message)
{
    static const uint16_t numbers[] = {0x25, 0x26, 0x32, 0x33, 0xA0, 0xA1};
    bool is_one = false;
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        is_one = is_one || message->command_number == numbers[i];
    }
    return is_one && message->kind == CORR_SMB_1;
}

static bool check(void *context, const struct corr_smb_message *message)
{
    struct sums *sums = context;
    sums->count++;
    sums->sizes += message->size;
    sums->mix = sums->mix * 31 + (message->has ^ message->length ^ message->message_id);
    require(message->kind <= CORR_SMB_COMPRESSED && message->command <= CORR_SMB_OTHER);
    require((message->has & CORR_SMB_IS_INTERIM) == 0 || message->status == 0x103 ||
            is_transaction(message));
    require((message->has & CORR_SMB_HAS_TREE) == 0 || message->tree_id != 0);
    check_text(sums, message->share);
    check_text(sums, message->file);
    check_text(sums, message->new_name);
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0) {
        return 0;
    }
    uint32_t wire_size = (uint32_t)(size - 1) + (data[0] % 2 ? data[0] * 16u : 0);
    const struct corr_smb_message given = {.size = wire_size};
    struct sums first = {.most = wire_size}, second = first;
    require(smb_frames_read(bytes_of(data + 1, size - 1), &given, check, &first));
    require(smb_frames_read(bytes_of(data + 1, size - 1), &given, check, &second));
    require(first.sizes <= wire_size);
    require(first.count == second.count && first.mix == second.mix);
    return 0;
}
