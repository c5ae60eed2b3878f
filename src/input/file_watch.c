#include "input/file_watch.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/inotify.h>

#include "base/fault.h"
#include "base/util.h"

enum { EVENTS_MAX = 16 * 1024 }; /* bytes of one read; more wait for the next turn of the loop */

struct ps_file_watch {
    int fd;
    struct ps_loop_source *source;
    struct ps_file_watch_handler handler;
};

static void event_handle(const struct ps_file_watch_handler *h, const struct inotify_event *e)
{
    if (e->mask & IN_Q_OVERFLOW)
        h->overflow(h->ctx);
    else if (e->mask & IN_IGNORED)
        h->lost(h->ctx, e->wd);
    else
        h->changed(h->ctx, e->wd, e->len ? e->name : NULL);
}

static void on_events(void *ctx, uint32_t events)
{
    struct ps_file_watch *w = ctx;
    const struct ps_file_watch_handler *h = &w->handler;
    _Alignas(struct inotify_event) char buf[EVENTS_MAX];
    (void)events;

    ssize_t n = ps_fault(PS_FAULT_READ) ? -1 : read(w->fd, buf, sizeof buf);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n < 0) /* what the events were can't be known */
        h->overflow(h->ctx);
    for (ssize_t at = 0; at < n;) {
        const struct inotify_event *e = (const void *)(buf + at);
        event_handle(h, e);
        at += (ssize_t)(sizeof *e + e->len);
    }
    h->settled(h->ctx);
}

int ps_file_watch_new(struct ps_loop *loop, const struct ps_file_watch_handler *handler, struct ps_file_watch **ret)
{
    struct ps_file_watch *w = ps_fault(PS_FAULT_MALLOC) ? NULL : calloc(1, sizeof *w);
    if (!w)
        return -ENOMEM;
    w->handler = *handler;
    w->fd = ps_fault(PS_FAULT_OPEN) ? -1 : inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    int r = w->fd < 0 ? -errno : ps_loop_io_add(loop, w->fd, EPOLLIN, on_events, w, &w->source);
    if (r < 0) {
        (void)ps_file_watch_free(w);
        return r;
    }
    *ret = w;
    return 0;
}

struct ps_file_watch *ps_file_watch_free(struct ps_file_watch *w)
{
    if (!w)
        return NULL;
    (void)ps_loop_source_free(w->source);
    (void)ps_close(w->fd);
    free(w);
    return NULL;
}

static int watch_add(struct ps_file_watch *w, const char *path, uint32_t mask)
{
    int wd = ps_fault(PS_FAULT_WATCH) ? -1 : inotify_add_watch(w->fd, path, mask);
    return wd < 0 ? -errno : wd;
}

int ps_file_watch_fd_add(struct ps_file_watch *w, int fd)
{
    char path[sizeof "/proc/self/fd/" + 3 * sizeof fd];
    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    /* a deletion is seen as a change of the link count: our own descriptor keeps the file itself */
    return watch_add(w, path, IN_MODIFY | IN_ATTRIB);
}

int ps_file_watch_dir_add(struct ps_file_watch *w, const char *path)
{
    return watch_add(w, path,
                     IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF |
                         IN_ONLYDIR);
}

void ps_file_watch_remove(struct ps_file_watch *w, int wd)
{
    if (w && wd >= 0)
        (void)inotify_rm_watch(w->fd, wd);
}
