/* SPDX-License-Identifier: MIT */
#include "correlate/step_list.h"

#include <stdlib.h>

/* `before` NULL: at the front. */
static void put_behind(struct step_list *list, struct held_step *before, struct held_step *held)
{
    struct held_step *after = before ? before->next : list->first;
    held->previous = before;
    held->next = after;
    if (before) {
        before->next = held;
    } else {
        list->first = held;
    }
    if (after) {
        after->previous = held;
    } else {
        list->last = held;
    }
    list->count++;
}

struct held_step *step_list_add(struct step_list *list, const struct corr_step *step)
{
    struct held_step *held = list->spare;
    if (held) {
        list->spare = held->next;
    } else {
        held = malloc(sizeof(*held));
    }
    if (!held) {
        return NULL;
    }
    struct held_step *before = list->last;
    while (before && before->step.time > step->time) {
        before = before->previous;
    }
    *held = (struct held_step){.step = *step};
    put_behind(list, before, held);
    return held;
}

void step_list_remove(struct step_list *list, struct held_step *held)
{
    if (held->previous) {
        held->previous->next = held->next;
    } else {
        list->first = held->next;
    }
    if (held->next) {
        held->next->previous = held->previous;
    } else {
        list->last = held->previous;
    }
    held->next = list->spare;
    list->spare = held;
    list->count--;
}

static void free_chain(struct held_step *held)
{
    while (held) {
        struct held_step *next = held->next;
        free(held);
        held = next;
    }
}

void step_list_done(struct step_list *list)
{
    free_chain(list->first);
    free_chain(list->spare);
    *list = (struct step_list){.count = 0};
}
