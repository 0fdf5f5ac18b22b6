/* SPDX-License-Identifier: MIT */
#include <process.h>
#include <stdlib.h>
#include <windows.h>

#include "etw/platform/platform.h"

struct platform_thread {
    HANDLE handle;
    platform_thread_function *function;
    void *argument;
};

static unsigned __stdcall run(void *argument)
{
    struct platform_thread *thread = argument;
    thread->function(thread->argument);
    return 0;
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
    thread->handle = (HANDLE)_beginthreadex(NULL, 0, run, thread, 0, NULL);
    if (!thread->handle) {
        free(thread);
        return false;
    }
    *out = thread;
    return true;
}

void platform_thread_join(struct platform_thread *thread)
{
    (void)WaitForSingleObject(thread->handle, INFINITE);
    (void)CloseHandle(thread->handle);
    free(thread);
}

/* Those of Windows itself: cheaper than what stands for pthreads there. */
struct platform_monitor {
    SRWLOCK lock;
    CONDITION_VARIABLE condition;
};

struct platform_monitor *platform_monitor_new(void)
{
    struct platform_monitor *monitor = malloc(sizeof(*monitor));
    if (monitor) {
        InitializeSRWLock(&monitor->lock);
        InitializeConditionVariable(&monitor->condition);
    }
    return monitor;
}

void platform_monitor_free(struct platform_monitor *monitor)
{
    free(monitor); /* neither part holds anything */
}

void platform_monitor_lock(struct platform_monitor *monitor)
{
    AcquireSRWLockExclusive(&monitor->lock);
}

void platform_monitor_unlock(struct platform_monitor *monitor)
{
    ReleaseSRWLockExclusive(&monitor->lock);
}

void platform_monitor_wait(struct platform_monitor *monitor)
{
    (void)SleepConditionVariableSRW(&monitor->condition, &monitor->lock, INFINITE, 0);
}

void platform_monitor_wake(struct platform_monitor *monitor)
{
    WakeAllConditionVariable(&monitor->condition);
}
