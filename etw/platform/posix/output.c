/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "etw/platform/failures.h"
#include "etw/platform/platform.h"
#include "etw/platform/posix/error_text.h"

/* Links followed by hand before a chain of them counts as a loop, as Linux does. */
#define LINKS_MAXIMUM 40
/* Bytes of the final name that go into the temporary one, so that the whole stays
 * below the 255 bytes of common file systems. */
#define NAME_PART_MAXIMUM 200
#define TEMPORARY_TRIES   100
/* Temporary files removed on an interrupt; more outputs at once do not occur. */
#define ACTIVE_MAXIMUM 16

struct platform_output {
    int descriptor;
    bool is_standard; /* standard output: not ours to close */
    bool replace;
    int slot;   /* in `active`, -1: none */
    char *path; /* owned; where it is written, links to files resolved; NULL: standard output */
    char *temporary; /* owned; NULL: written directly */
};

/* ---- temporary files and signals ---- */

/* Read by the signal handler: lock-free pointers to the temporary names. */
static _Atomic(const char *) active[ACTIVE_MAXIMUM];
static const int interrupts[] = {SIGINT, SIGTERM, SIGHUP};

static void remove_and_end(int number)
{
    for (size_t i = 0; i < ACTIVE_MAXIMUM; i++) {
        const char *path = atomic_load(&active[i]);
        if (path) {
            (void)unlink(path);
        }
    }
    /* The signal is blocked until this handler returns and then ends the process
     * with the status that the shell expects. */
    (void)signal(number, SIG_DFL);
    (void)raise(number);
}

static void catch_interrupts(void)
{
    for (size_t i = 0; i < sizeof(interrupts) / sizeof(interrupts[0]); i++) {
        struct sigaction before;
        /* What nohup or a shell chose to ignore stays ignored. */
        if (sigaction(interrupts[i], NULL, &before) != 0 || before.sa_handler != SIG_DFL) {
            continue;
        }
        struct sigaction action;
        memset(&action, 0, sizeof(action));
        action.sa_handler = remove_and_end;
        (void)sigfillset(&action.sa_mask);
        (void)sigaction(interrupts[i], &action, NULL);
    }
}

static int remember(const char *temporary)
{
    for (int i = 0; i < ACTIVE_MAXIMUM; i++) {
        const char *expected = NULL;
        if (atomic_compare_exchange_strong(&active[i], &expected, temporary)) {
            return i;
        }
    }
    return -1;
}

static void forget(struct platform_output *output)
{
    if (output->slot >= 0) {
        atomic_store(&active[output->slot], NULL);
        output->slot = -1;
    }
}

/* ---- names ---- */

static char *copy_text(const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = malloc(size);
    if (copy) {
        memcpy(copy, text, size);
    }
    return copy;
}

static size_t folder_size(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? (size_t)(slash - path) + 1 : 0;
}

/* One step along a symbolic link: a relative one counts from the link's folder.
 * NULL: no link (errno 0), or it cannot be followed. */
static char *follow_link(const char *path)
{
    char target[PATH_MAX];
    ssize_t size = readlink(path, target, sizeof(target));
    if (size < 0) {
        errno = errno == EINVAL || errno == ENOENT ? 0 : errno;
        return NULL;
    }
    size_t folder = target[0] == '/' ? 0 : folder_size(path);
    char *next = malloc(folder + (size_t)size + 1);
    if (!next) {
        errno = ENOMEM;
        return NULL;
    }
    memcpy(next, path, folder);
    memcpy(next + folder, target, (size_t)size);
    next[folder + (size_t)size] = '\0';
    return next;
}

/* The file that a link leads to is what gets replaced, and the link stays: that is
 * what writing through the link would have done. Also for links to nothing yet.
 * NULL with errno set when it fails. */
static char *resolve(const char *path)
{
    char *now = copy_text(path);
    for (int i = 0; now && i < LINKS_MAXIMUM; i++) {
        char *next = follow_link(now);
        if (!next && errno == 0) {
            return now;
        }
        int problem = errno;
        free(now);
        now = next;
        errno = problem;
    }
    if (now) {
        free(now);
        errno = ELOOP;
    }
    return NULL;
}

/* FOLDER/.NAME.part-PID, with a number behind it from the second try on. */
static char *temporary_name(const char *path, int attempt)
{
    size_t folder = folder_size(path);
    size_t name = strlen(path + folder);
    if (name > NAME_PART_MAXIMUM) {
        name = NAME_PART_MAXIMUM;
    }
    size_t size = folder + name + 64;
    char *temporary = malloc(size);
    if (temporary && attempt == 0) {
        (void)snprintf(temporary, size, "%.*s.%.*s.part-%ld", (int)folder, path, (int)name,
                       path + folder, (long)getpid());
    } else if (temporary) {
        (void)snprintf(temporary, size, "%.*s.%.*s.part-%ld-%d", (int)folder, path, (int)name,
                       path + folder, (long)getpid(), attempt);
    }
    return temporary;
}

/* ---- opening ---- */

static enum etw_status fail_creating(const char *path, int problem, struct etw_error *error)
{
    char text[ERROR_TEXT_SIZE] = {0};
    if (problem == ENOMEM) {
        return fail_output_memory(error);
    }
    return fail_create(path, problem == ENOENT ? NULL : error_text(problem, text), error);
}

/* Creates the temporary file and makes it known to the signal handler; between the
 * two no interrupt may come, or the file would stay. Returns 0 or an errno value. */
static int create_temporary(struct platform_output *output)
{
    int problem = EEXIST;
    sigset_t all, before;
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    for (int i = 0; problem == EEXIST && i < TEMPORARY_TRIES; i++) {
        char *temporary = temporary_name(output->path, i);
        if (!temporary) {
            problem = ENOMEM;
            break;
        }
        output->descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (output->descriptor >= 0) {
            problem = 0;
            output->temporary = temporary;
            output->slot = remember(temporary);
        } else {
            problem = errno;
            free(temporary);
        }
    }
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return problem;
}

static enum etw_status open_file(const char *path, struct platform_output *output,
                                 struct etw_error *error)
{
    output->path = resolve(path);
    if (!output->path) {
        return fail_creating(path, errno, error);
    }
    if (output->path[folder_size(output->path)] == '\0') {
        return fail_no_name(path, error);
    }
    catch_interrupts();
    int problem = create_temporary(output);
    return problem ? fail_creating(path, problem, error) : ETW_OK;
}

static enum etw_status open_direct(const char *path, bool is_binary, struct platform_output *output,
                                   struct etw_error *error)
{
    output->path = copy_text(path);
    if (!output->path) {
        return fail_output_memory(error);
    }
    output->descriptor = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
    if (output->descriptor < 0) {
        return fail_open_output(path, error_text(errno, (char[ERROR_TEXT_SIZE]){0}), error);
    }
    return is_binary && isatty(output->descriptor) == 1 ? fail_terminal(error) : ETW_OK;
}

static enum etw_status open_path(const char *path, bool is_binary, struct platform_output *output,
                                 struct etw_error *error)
{
    struct stat status;
    if (stat(path, &status) != 0) {
        return errno == ENOENT ? open_file(path, output, error) : fail_creating(path, errno, error);
    }
    if (S_ISDIR(status.st_mode)) {
        return fail_folder(path, error);
    }
    if (!S_ISREG(status.st_mode)) {
        return open_direct(path, is_binary, output, error);
    }
    return output->replace ? open_file(path, output, error) : fail_exists(path, error);
}

bool platform_is_special(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && !S_ISREG(status.st_mode);
}

enum etw_status platform_output_open(const char *path, bool replace, bool is_binary,
                                     struct platform_output **out, struct etw_error *error)
{
    struct platform_output *output = malloc(sizeof(*output));
    if (!output) {
        return etw_fail_memory(error, "the output");
    }
    *output = (struct platform_output){.descriptor = -1, .replace = replace, .slot = -1};
    enum etw_status result = ETW_OK;
    if (strcmp(path, "-") == 0) {
        output->descriptor = STDOUT_FILENO;
        output->is_standard = true;
        result = is_binary && isatty(STDOUT_FILENO) == 1 ? fail_terminal(error) : ETW_OK;
    } else {
        result = open_path(path, is_binary, output, error);
    }
    if (result) {
        platform_output_abort(output);
        return result;
    }
    *out = output;
    return ETW_OK;
}

/* ---- writing and the end ---- */

static enum etw_status fail_writing(const struct platform_output *output, int problem,
                                    struct etw_error *error)
{
    char text[ERROR_TEXT_SIZE] = {0};
    return fail_write(output->path, problem == EPIPE ? NULL : error_text(problem, text), error);
}

enum etw_status platform_output_write(struct platform_output *output, const void *data, size_t size,
                                      struct etw_error *error)
{
    const char *from = data;
    while (size > 0) {
        ssize_t count = write(output->descriptor, from, size);
        if (count >= 0) {
            from += count;
            size -= (size_t)count;
        } else if (errno == EAGAIN) {
            /* a pipe that its owner made non-blocking */
            struct pollfd ready = {.fd = output->descriptor, .events = POLLOUT};
            (void)poll(&ready, 1, -1);
        } else if (errno != EINTR) {
            return fail_writing(output, errno, error);
        }
    }
    return ETW_OK;
}

/* Gives the finished file its name. Without permission to replace, a file that
 * appeared meanwhile wins: link() refuses where rename() would overwrite it. File
 * systems without hard links get the rename. */
static enum etw_status publish(struct platform_output *output, struct etw_error *error)
{
    if (!output->replace && link(output->temporary, output->path) == 0) {
        (void)unlink(output->temporary);
        return ETW_OK;
    }
    if (!output->replace && errno == EEXIST) {
        return fail_exists(output->path, error);
    }
    if (rename(output->temporary, output->path) != 0) {
        return fail_creating(output->path, errno, error);
    }
    return ETW_OK;
}

static void free_output(struct platform_output *output)
{
    forget(output);
    free(output->temporary);
    free(output->path);
    free(output);
}

enum etw_status platform_output_commit(struct platform_output *output, struct etw_error *error)
{
    /* Some file systems report a full disk or a quota only here. */
    int descriptor = output->descriptor;
    output->descriptor = -1;
    enum etw_status result = ETW_OK;
    if (!output->is_standard && close(descriptor) != 0 && errno != EINTR) {
        result = fail_writing(output, errno, error);
    }
    if (!result && output->temporary) {
        result = publish(output, error);
    }
    if (result) {
        platform_output_abort(output);
    } else {
        free_output(output);
    }
    return result;
}

void platform_output_abort(struct platform_output *output)
{
    if (!output) {
        return;
    }
    if (output->descriptor >= 0 && !output->is_standard) {
        (void)close(output->descriptor);
    }
    if (output->temporary) {
        (void)unlink(output->temporary);
    }
    free_output(output);
}
