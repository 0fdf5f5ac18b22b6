/* SPDX-License-Identifier: MIT */
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

#include "etw/platform/platform.h"

struct platform_thread {
    pthread_t thread;
    platform_thread_function *function;
    void *argument;
};

static void *run(void *argument)
{
    struct platform_thread *thread = argument;
    thread->function(thread->argument);
    return NULL;
}

bool platform_thread_start(platform_thread_function *function, void *argument,
                           struct platform_thread **out)
{
    struct platform_thread *thread = malloc(sizeof(*thread));
    if (!thread) {
        return false;
    }
    thread->function = function;
    thread->argument = argument;
    /* Signals stay with the main thread. */
    sigset_t all, before;
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    int failed = pthread_create(&thread->thread, NULL, run, thread);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (failed) {
        free(thread);
        return false;
    }
    *out = thread;
    return true;
}

void platform_thread_join(struct platform_thread *thread)
{
    (void)pthread_join(thread->thread, NULL);
    free(thread);
}

struct platform_monitor {
    pthread_mutex_t mutex;
    pthread_cond_t condition;
};

struct platform_monitor *platform_monitor_new(void)
{
    struct platform_monitor *monitor = malloc(sizeof(*monitor));
    if (!monitor) {
        return NULL;
    }
    if (pthread_mutex_init(&monitor->mutex, NULL) != 0) {
        free(monitor);
        return NULL;
    }
    if (pthread_cond_init(&monitor->condition, NULL) != 0) {
        (void)pthread_mutex_destroy(&monitor->mutex);
        free(monitor);
        return NULL;
    }
    return monitor;
}

void platform_monitor_free(struct platform_monitor *monitor)
{
    if (monitor) {
        (void)pthread_cond_destroy(&monitor->condition);
        (void)pthread_mutex_destroy(&monitor->mutex);
        free(monitor);
    }
}

void platform_monitor_lock(struct platform_monitor *monitor)
{
    (void)pthread_mutex_lock(&monitor->mutex);
}

void platform_monitor_unlock(struct platform_monitor *monitor)
{
    (void)pthread_mutex_unlock(&monitor->mutex);
}

void platform_monitor_wait(struct platform_monitor *monitor)
{
    (void)pthread_cond_wait(&monitor->condition, &monitor->mutex);
}

void platform_monitor_wake(struct platform_monitor *monitor)
{
    (void)pthread_cond_broadcast(&monitor->condition);
}
