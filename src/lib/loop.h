/* One event loop a thread, on sd-event: file descriptors and timers. Inputs and outputs register here what they wait
 * for. Callbacks run on the loop's thread, one at a time. */
#pragma once

#include <signal.h>
#include <stdint.h>

struct ps_loop;
struct ps_loop_source; /* a registered descriptor, timer or signal */

int ps_loop_new(struct ps_loop **ret);
struct ps_loop *ps_loop_free(struct ps_loop *loop); /* sources must be gone */

/* Events are EPOLLIN, EPOLLOUT … The descriptor stays the caller's. 0 or negative errno. */
int ps_loop_io_add(struct ps_loop *loop, int fd, uint32_t events, void (*cb)(void *ctx, uint32_t events), void *ctx,
                   struct ps_loop_source **ret);

/* One shot, made disarmed. */
int ps_loop_timer_add(struct ps_loop *loop, void (*cb)(void *ctx), void *ctx, struct ps_loop_source **ret);
/* Fires `delay_us` from now; a negative delay disarms. `slack_us`: how much later is fine (0 for at once), so that
 * wake-ups can fall together. */
int ps_loop_timer_set(struct ps_loop_source *s, int64_t delay_us, int64_t slack_us);

/* The signal must be blocked in all threads. */
int ps_loop_signal_add(struct ps_loop *loop, int signo, void (*cb)(void *ctx, int signo), void *ctx,
                       struct ps_loop_source **ret);

/* Called once, before the loop next sleeps, however often it was asked for: for work that a callback must not do in its
 * own depth. */
int ps_loop_deferred_add(struct ps_loop *loop, void (*cb)(void *ctx), void *ctx, struct ps_loop_source **ret);
int ps_loop_deferred_trigger(struct ps_loop_source *s);

struct ps_loop_source *ps_loop_source_free(struct ps_loop_source *s); /* NULL is fine */

/* Runs callbacks until ps_loop_stop; 0 or negative errno. */
int ps_loop_run(struct ps_loop *loop);
/* Waits at most timeout_us (negative: no limit) and runs what is due. For tests and simple callers. 0, or negative
 * errno. */
int ps_loop_once(struct ps_loop *loop, int64_t timeout_us);
void ps_loop_stop(struct ps_loop *loop);
