#include "pipeline_parts.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

#include "base/fault.h"

enum { MESSAGE_MAX = 512 };

static int checkpoint_message(const struct ps_pipeline *p, int r)
{
    const char *name = p->s.name, *dir = p->s.state_dir;
    switch (r) {
    case -EUCLEAN:
        ps_log(PS_LOG_ERROR,
               "pipeline %s: %s/%s.checkpoint is damaged and so is the previous one, or there is none; move both away "
               "to start as for the first time",
               name, dir, name);
        break;
    case -EPROTO:
        ps_log(PS_LOG_ERROR,
               "pipeline %s: %s/%s.checkpoint was written by a newer postship; install that one, or move the file and "
               "%s.checkpoint.previous away to start as for the first time",
               name, dir, name, name);
        break;
    case -EXDEV:
        ps_log(PS_LOG_ERROR,
               "pipeline %s: %s/%s.checkpoint belongs to another kind of input than %s; give the pipeline a new name, "
               "or move the file and %s.checkpoint.previous away to start as for the first time",
               name, dir, name, p->s.input->kind, name);
        break;
    default:
        ps_log(PS_LOG_ERROR, "pipeline %s: %s/%s.checkpoint: %s", name, dir, name, strerror(-r));
        break;
    }
    return r;
}

static int checkpoint_open(struct ps_pipeline *p)
{
    int r = ps_checkpoint_open(p->s.state_dir, p->s.name, &p->checkpoint);
    if (r == -EBUSY)
        ps_log(PS_LOG_ERROR, "pipeline %s: another postship runs it: %s/%s.lock is held; stop that one first",
               p->s.name, p->s.state_dir, p->s.name);
    else if (r < 0)
        ps_log(PS_LOG_ERROR, "pipeline %s: state directory %s: %s", p->s.name, p->s.state_dir, strerror(-r));
    return r;
}

static int input_open(struct ps_pipeline *p, const struct ps_pipeline_callbacks *cb)
{
    struct ps_json *root = NULL;
    const struct ps_json *position = NULL;
    bool damaged = false;
    int r = ps_checkpoint_load(p->checkpoint, p->s.input->kind, &root, &position, &damaged);
    if (r < 0)
        return checkpoint_message(p, r);
    p->first_start = r == 0;
    if (damaged)
        ps_log(PS_LOG_WARNING,
               "pipeline %s: %s was damaged and is set aside as %s.checkpoint.damaged; going on from the previous one, "
               "some lines are sent again",
               p->s.name, ps_checkpoint_path(p->checkpoint), p->s.name);
    p->host = (struct ps_input_host){.name = p->s.name,
                                     .loop = p->loop,
                                     .host_id = p->s.host_id,
                                     .once = p->s.once,
                                     .ready = cb->turn_ask,
                                     .ctx = p};
    r = p->s.input->open(p->s.input_options, &p->host, position, &p->intake.input);
    ps_json_free(root);
    if (r == -EINVAL && position)
        ps_log(
            PS_LOG_ERROR,
            "pipeline %s: the input can't use the position in %s; move it and %s.checkpoint.previous away to start as "
            "for the first time",
            p->s.name, ps_checkpoint_path(p->checkpoint), p->s.name);
    else if (r < 0)
        ps_log(PS_LOG_ERROR, "pipeline %s: input %s can't start: %s", p->s.name, p->s.input->kind, strerror(-r));
    return r;
}

static int output_open(struct ps_pipeline *p, const struct ps_pipeline_callbacks *cb)
{
    char message[MESSAGE_MAX] = "";
    const struct ps_delivery_setup setup = {.name = p->s.name,
                                            .loop = p->loop,
                                            .window = p->window,
                                            .dead = p->dead,
                                            .metrics = &p->metrics,
                                            .output = p->s.output,
                                            .output_options = p->s.output_options,
                                            .changed = cb->turn_ask,
                                            .broken = cb->broken,
                                            .ctx = p};
    int r = ps_delivery_new(&setup, &p->delivery, message, sizeof message);
    if (r < 0)
        ps_log(PS_LOG_ERROR, "pipeline %s: output %s can't start: %s", p->s.name, p->s.output->kind,
               message[0] ? message : strerror(-r));
    return r;
}

static int sources_add(struct ps_pipeline *p, const struct ps_pipeline_callbacks *cb)
{
    int r = ps_loop_deferred_add(p->loop, cb->turn, p, &p->turn);
    if (r == 0)
        r = ps_loop_timer_add(p->loop, cb->turn_ask, p, &p->intake_retry);
    if (r == 0)
        r = ps_loop_timer_add(p->loop, cb->save_timer, p, &p->save_timer);
    if (r == 0)
        r = ps_loop_timer_add(p->loop, cb->deadline, p, &p->deadline);
    if (r == 0) {
        r = p->stop_fd = ps_fault(PS_FAULT_OPEN) ? -1 : eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        r = r < 0 ? -errno : ps_loop_io_add(p->loop, p->stop_fd, EPOLLIN, cb->stop_asked, p, &p->stop_asked);
    }
    return r;
}

/* What needs nothing but memory. */
static int memory_make(struct ps_pipeline *p, const struct ps_pipeline_callbacks *cb)
{
    enum { ADDED_MAX = 1 << 20 };
    p->stop_fd = -1;
    p->added.max = ADDED_MAX;
    ps_intake_init(&p->intake);
    int r = ps_loop_new(&p->loop);
    if (r == 0)
        r = sources_add(p, cb);
    if (r == 0)
        r = ps_window_new(p->s.window_bytes, p->s.window, &p->window);
    if (r == 0)
        r = ps_dead_new(p->s.state_dir, p->s.name, &p->dead);
    if (r == 0 && p->s.add)
        r = ps_json_added_make(p->s.add, &p->added);
    if (r < 0)
        ps_log(PS_LOG_ERROR, "pipeline %s: can't start: %s", p->s.name, strerror(-r));
    return r;
}

/* What the parts know of each other. */
static void parts_join(struct ps_pipeline *p)
{
    p->intake.line = p->s.line;
    p->intake.filter = p->s.filter;
    p->intake.window = p->window;
    p->intake.dead = p->dead;
    p->intake.metrics = &p->metrics;
    p->intake.encoder.added = ps_buf_slice(&p->added);
    p->saver = (struct ps_saver){.name = p->s.name,
                                 .checkpoint = p->checkpoint,
                                 .input = p->intake.input,
                                 .metrics = &p->metrics,
                                 .timer = p->save_timer,
                                 .interval = p->s.checkpoint_interval};
}

int ps_pipeline_parts_open(struct ps_pipeline *p, const struct ps_pipeline_callbacks *cb)
{
    int r = memory_make(p, cb);
    if (r == 0)
        r = checkpoint_open(p);
    if (r == 0)
        r = input_open(p, cb);
    if (r == 0)
        r = output_open(p, cb);
    if (r == 0)
        parts_join(p);
    return r;
}

void ps_pipeline_parts_close(struct ps_pipeline *p)
{
    p->delivery = ps_delivery_free(p->delivery);
    if (p->intake.input)
        p->intake.input = p->intake.input->ops->close(p->intake.input);
    p->checkpoint = ps_checkpoint_close(p->checkpoint);
}

void ps_pipeline_parts_done(struct ps_pipeline *p)
{
    ps_pipeline_parts_close(p);
    ps_intake_done(&p->intake);
    p->dead = ps_dead_free(p->dead);
    p->window = ps_window_free(p->window);
    p->turn = ps_loop_source_free(p->turn);
    p->stop_asked = ps_loop_source_free(p->stop_asked);
    p->intake_retry = ps_loop_source_free(p->intake_retry);
    p->save_timer = ps_loop_source_free(p->save_timer);
    p->deadline = ps_loop_source_free(p->deadline);
    p->loop = ps_loop_free(p->loop);
    p->stop_fd = ps_close(p->stop_fd);
    ps_buf_done(&p->added);
}
