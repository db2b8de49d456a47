/* Sends the lines of a file to the pipe as hooks do: each over a connection of its own, which waits for the answer.
 *
 *     load HOME FILE PER_SECOND AT_ONCE
 *
 * PER_SECOND is how many begin in a second, at even distances whatever becomes of those before; 0 is as many as AT_ONCE
 * allows. Prints a line for each: nanoseconds from when it was to begin until its answer, or -1 where there was none
 * within a second, or not an acknowledgement. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define MOST 256
#define PATIENCE_NS 1000000000

struct client {
    int fd; /* -1 while free */
    size_t line;
    int64_t due_ns;
    bool connected;
};

static const struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "hook.sock"};
static const char accepted[] = "{\"ok\":true";
static struct client clients[MOST];
static const char **lines; /* one more than there are: each ends where the next begins */
static int64_t *took_ns;
static size_t count, done;

static int64_t now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void read_lines(const char *path)
{
    int file = open(path, O_RDONLY);
    struct stat found;
    const char *text, *end;

    if (file < 0 || fstat(file, &found))
        exit(1);
    text = mmap(NULL, (size_t)found.st_size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, file, 0);
    if (text == MAP_FAILED)
        exit(1);
    end = text + found.st_size;
    for (const char *at = text; at < end; at = (const char *)memchr(at, '\n', (size_t)(end - at)) + 1)
        count++;
    lines = malloc((count + 1) * sizeof *lines);
    took_ns = malloc(count * sizeof *took_ns);
    for (size_t k = 0; k < count; k++) {
        lines[k] = text;
        text = (const char *)memchr(text, '\n', (size_t)(end - text)) + 1;
    }
    lines[count] = end;
}

static void finish(struct client *client, bool taken)
{
    took_ns[client->line] = taken ? now_ns() - client->due_ns : -1;
    close(client->fd);
    client->fd = -1;
    done++;
}

static void send_line(struct client *client)
{
    const char *line = lines[client->line];
    size_t size = (size_t)(lines[client->line + 1] - line);

    /* A full backlog lets nobody in for the moment: it is tried again, as hooks do. */
    if (!client->connected) {
        if (connect(client->fd, (const struct sockaddr *)&address, sizeof address)) {
            if (errno != EAGAIN)
                finish(client, false);
            return;
        }
        client->connected = true;
    }
    if (send(client->fd, line, size, MSG_NOSIGNAL) != (ssize_t)size || shutdown(client->fd, SHUT_WR))
        finish(client, false);
}

static void start(struct client *client, size_t line, int64_t due_ns)
{
    *client = (struct client){.line = line, .due_ns = due_ns};
    client->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (client->fd < 0)
        exit(1);
    send_line(client);
}

static void hear(struct client *client)
{
    char answer[256];
    ssize_t size = recv(client->fd, answer, sizeof answer, 0);

    finish(client, size >= (ssize_t)sizeof accepted - 1 && !memcmp(answer, accepted, sizeof accepted - 1));
}

/* Starts what is due and drops who waits for too long. Returns how long nothing else is due. */
static int64_t start_what_is_due(size_t at_once, int64_t began_ns, int64_t per_second)
{
    static size_t next;
    int64_t now = now_ns(), wait_ns = PATIENCE_NS;

    for (size_t k = 0; k < at_once; k++) {
        struct client *client = &clients[k];

        if (client->fd < 0 && next < count) {
            int64_t due_ns = per_second ? began_ns + (int64_t)next * 1000000000 / per_second : now;

            if (due_ns <= now)
                start(client, next++, due_ns);
            else if (due_ns - now < wait_ns)
                wait_ns = due_ns - now;
        } else if (client->fd >= 0 && now - client->due_ns > PATIENCE_NS) {
            finish(client, false);
        } else if (client->fd >= 0 && !client->connected) {
            send_line(client);
            wait_ns = 100000;
        }
    }
    return wait_ns;
}

static void hear_whoever_answers(size_t at_once, int64_t wait_ns)
{
    struct timespec patience = {wait_ns / 1000000000, wait_ns % 1000000000};
    struct pollfd waiting[MOST];

    for (size_t k = 0; k < at_once; k++) /* poll passes over those that are no descriptors */
        waiting[k] = (struct pollfd){.fd = clients[k].connected ? clients[k].fd : -1, .events = POLLIN};
    if (ppoll(waiting, at_once, &patience, NULL) <= 0)
        return;
    for (size_t k = 0; k < at_once; k++)
        if (waiting[k].revents)
            hear(&clients[k]);
}

int main(int argc, char **argv)
{
    int64_t began_ns, per_second;
    size_t at_once;

    if (argc != 5)
        return 2;
    read_lines(argv[2]);
    per_second = atoll(argv[3]);
    at_once = (size_t)atoll(argv[4]);
    if (chdir(argv[1]) || at_once > MOST)
        return 1;
    for (size_t k = 0; k < MOST; k++)
        clients[k].fd = -1;
    began_ns = now_ns();
    while (done < count)
        hear_whoever_answers(at_once, start_what_is_due(at_once, began_ns, per_second));
    for (size_t k = 0; k < count; k++)
        printf("%lld\n", (long long)took_ns[k]);
    return 0;
}
