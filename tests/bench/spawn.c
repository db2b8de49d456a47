/* Starts commands in turn, as Claude Code does: stdin is a socket pair with the payload; and waits for their exit.
 *
 *     spawn ROUNDS PAUSE_MS AT_ONCE OTHERS PAYLOAD COMMAND HOME [COMMAND HOME]...
 *
 * A round starts each command AT_ONCE times at once, from as many threads. Prints a line a run: index of the command,
 * nanoseconds, nanoseconds that it was runnable and not running, the same of all threads of the processes OTHERS (their
 * ids with commas between them) meanwhile, exit status. */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MOST_AT_ONCE 64

extern char **environ;

static char payload[16 << 20];
static size_t payload_size;
static const char *others;

static uint64_t now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static void *feed(void *to)
{
    int fd = *(int *)to;

    for (size_t at = 0; at < payload_size;) {
        ssize_t count = send(fd, payload + at, payload_size - at, MSG_NOSIGNAL);

        if (count <= 0)
            break; /* it reads no further, which is its right */
        at += (size_t)count;
    }
    shutdown(fd, SHUT_WR);
    return NULL;
}

/* How long a task was runnable and not running, by its file in /proc; 0 where it is gone. */
static uint64_t waited_ns(const char *path)
{
    unsigned long long ran, waited = 0;
    FILE *file = fopen(path, "r");

    if (!file)
        return 0;
    if (fscanf(file, "%llu %llu", &ran, &waited) != 2)
        waited = 0;
    fclose(file);
    return waited;
}

static uint64_t process_waited_ns(pid_t pid)
{
    char path[64];

    snprintf(path, sizeof path, "/proc/%d/schedstat", (int)pid);
    return waited_ns(path);
}

static uint64_t others_waited_ns(void)
{
    uint64_t waited = 0;

    for (const char *pid = others; pid; pid = strchr(pid, ',') ? strchr(pid, ',') + 1 : NULL) {
        char path[512];
        DIR *threads;

        snprintf(path, sizeof path, "/proc/%d/task", atoi(pid));
        threads = opendir(path);
        for (struct dirent *thread; threads && (thread = readdir(threads));) {
            snprintf(path, sizeof path, "/proc/%d/task/%s/schedstat", atoi(pid), thread->d_name);
            waited += waited_ns(path);
        }
        if (threads)
            closedir(threads);
    }
    return waited;
}

struct job {
    int index;
    char *command;
    pthread_barrier_t *together;
};

static void *run(void *what)
{
    const struct job *job = what;
    posix_spawn_file_actions_t actions;
    char *arguments[] = {job->command, NULL};
    int ends[2], status = -1;
    uint64_t start, end, waited, others_waited;
    siginfo_t info;
    pthread_t feeder;
    pid_t pid;

    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[0], 0);
    pthread_barrier_wait(job->together);
    others_waited = others_waited_ns();
    start = now_ns();
    if (posix_spawn(&pid, job->command, &actions, NULL, arguments, environ))
        exit(1);
    close(ends[0]);
    if (payload_size <= 64 * 1024)
        feed(&ends[1]);
    else
        pthread_create(&feeder, NULL, feed, &ends[1]);
    waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT);
    end = now_ns();
    waited = process_waited_ns(pid);
    others_waited = others_waited_ns() - others_waited;
    waitpid(pid, &status, 0);
    if (payload_size > 64 * 1024)
        pthread_join(feeder, NULL);
    close(ends[1]);
    posix_spawn_file_actions_destroy(&actions);
    printf("%d %llu %llu %llu %d\n", job->index, (unsigned long long)(end - start), (unsigned long long)waited,
           (unsigned long long)others_waited, status);
    return NULL;
}

static void run_at_once(int number, struct job *job)
{
    pthread_t threads[MOST_AT_ONCE];
    pthread_barrier_t together;

    pthread_barrier_init(&together, NULL, (unsigned)number);
    job->together = &together;
    for (int k = 1; k < number; k++)
        pthread_create(&threads[k], NULL, run, job);
    run(job);
    for (int k = 1; k < number; k++)
        pthread_join(threads[k], NULL);
    pthread_barrier_destroy(&together);
}

int main(int argc, char **argv)
{
    int rounds = atoi(argv[1]), at_once = atoi(argv[3]), file = open(argv[5], O_RDONLY);
    const struct timespec pause = {0, atol(argv[2]) * 1000 * 1000};
    ssize_t count;

    others = argv[4];
    if (at_once < 1 || at_once > MOST_AT_ONCE)
        return 2;
    while ((count = read(file, payload + payload_size, sizeof payload - payload_size)) > 0)
        payload_size += (size_t)count;
    for (int round = 0; round < rounds; round++)
        for (int i = 6; i + 1 < argc; i += 2) {
            setenv("CLAUDE_MONITOR_HOME", argv[i + 1], 1);
            nanosleep(&pause, NULL);
            run_at_once(at_once, &(struct job){.index = (i - 6) / 2, .command = argv[i]});
        }
    return 0;
}
