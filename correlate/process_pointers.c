/* SPDX-License-Identifier: MIT */
#include "correlate/process_pointers.h"

#include <stdlib.h>

#include "etw/base/array.h"

void process_pointers_done(struct process_pointers *pointers)
{
    hash_index_done(&pointers->by_pointer);
    hash_index_done(&pointers->by_pid);
    free(pointers->lives);
    *pointers = (struct process_pointers){0};
}

static uint32_t find_pointer(const struct process_pointers *pointers, uint64_t pointer)
{
    uint32_t at = 0;
    uint64_t hash = hash_bytes(&pointer, sizeof(pointer));
    uint32_t life = hash_index_first(&pointers->by_pointer, hash, &at);
    while (life != HASH_INDEX_NONE && pointers->lives[life].pointer != pointer) {
        life = hash_index_next(&pointers->by_pointer, hash, &at);
    }
    return life;
}

/* HASH_INDEX_NONE is CORR_NO_ROW. */
static uint32_t find_pid(const struct process_pointers *pointers, uint32_t pid)
{
    uint32_t at = 0;
    uint64_t hash = hash_bytes(&pid, sizeof(pid));
    uint32_t life = hash_index_first(&pointers->by_pid, hash, &at);
    while (life != HASH_INDEX_NONE && pointers->lives[life].pid != pid) {
        life = hash_index_next(&pointers->by_pid, hash, &at);
    }
    return life;
}

static void end_life(struct process_pointers *pointers, uint32_t number)
{
    struct process_pointer *life = &pointers->lives[number];
    life->is_over = true;
    hash_index_remove(&pointers->by_pointer, hash_bytes(&life->pointer, sizeof(life->pointer)),
                      number);
}

static bool set_pid(struct process_pointers *pointers, uint32_t number, uint32_t pid)
{
    struct process_pointer *life = &pointers->lives[number];
    uint64_t hash = hash_bytes(&pid, sizeof(pid));
    life->older = find_pid(pointers, pid);
    if (life->older != CORR_NO_ROW) {
        hash_index_remove(&pointers->by_pid, hash, life->older);
    }
    life->pid = pid;
    return hash_index_add(&pointers->by_pid, hash, number);
}

static uint32_t begin_life(struct process_pointers *pointers, uint64_t pointer)
{
    void *lives = pointers->lives;
    if (pointers->count >= CORR_NO_ROW ||
        !array_grow(&lives, &pointers->capacity, pointers->count + 1, sizeof(*pointers->lives))) {
        return CORR_NO_ROW;
    }
    pointers->lives = lives;
    uint32_t number = (uint32_t)pointers->count;
    if (!hash_index_add(&pointers->by_pointer, hash_bytes(&pointer, sizeof(pointer)), number)) {
        return CORR_NO_ROW;
    }
    pointers->lives[number] = (struct process_pointer){.pointer = pointer, .older = CORR_NO_ROW};
    pointers->count++;
    return number;
}

uint32_t process_pointers_now(struct process_pointers *pointers, uint64_t pointer)
{
    uint32_t life = find_pointer(pointers, pointer);
    return life != HASH_INDEX_NONE ? life : begin_life(pointers, pointer);
}

uint32_t process_pointers_name(struct process_pointers *pointers, uint64_t pointer, uint32_t pid,
                               bool is_stated, uint64_t offset)
{
    uint32_t number = process_pointers_now(pointers, pointer);
    if (number != CORR_NO_ROW && pointers->lives[number].pid != 0 &&
        pointers->lives[number].pid != pid) {
        end_life(pointers, number);
        number = begin_life(pointers, pointer);
    }
    if (number == CORR_NO_ROW) {
        return CORR_NO_ROW;
    }
    struct process_pointer *life = &pointers->lives[number];
    if (life->pid == 0) {
        if (!set_pid(pointers, number, pid)) {
            return CORR_NO_ROW;
        }
        life->offset = offset;
    }
    if (is_stated && !life->is_stated) {
        life->is_stated = true;
        life->offset = offset;
    }
    return number;
}

void process_pointers_drop(struct process_pointers *pointers, uint32_t life)
{
    if (life < pointers->count && !pointers->lives[life].is_over) {
        end_life(pointers, life);
    }
}

/* Forgets the lives of the pid, so that none is looked at twice. */
void process_pointers_end(struct process_pointers *pointers, uint32_t pid)
{
    uint32_t number = find_pid(pointers, pid);
    if (number != CORR_NO_ROW) {
        hash_index_remove(&pointers->by_pid, hash_bytes(&pid, sizeof(pid)), number);
    }
    while (number != CORR_NO_ROW) {
        process_pointers_drop(pointers, number);
        number = pointers->lives[number].older;
    }
}
