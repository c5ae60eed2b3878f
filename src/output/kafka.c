#include "output/kafka.h"

#include <stdio.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

#include "base/fault.h"
#include "base/util.h"
#include "output/kafka_conf.h"
#include "output/kafka_error.h"
#include "output/kafka_producer.h"

enum {
    WHY_SIZE = 1024,
    DETAIL_SIZE = 256,
    LOG_LEVELS = PS_LOG_DEBUG + 1,
    SUSPECTS_FIRST = 16,
    /* How long refused records wait for another that is taken, before all start anew. */
    SUSPECTS_USEC = 1000 * 1000
};

/* Refused alone, while it isn't known yet whether anything at all is taken. */
struct suspect {
    uint64_t seq;
    rd_kafka_resp_err_t error;
};

struct kafka_output {
    struct ps_output base;
    const struct ps_output_kafka_options *options;
    const struct ps_output_host *host;
    rd_kafka_conf_t *conf;
    struct ps_kafka_producer *producer; /* NULL: the next submit makes one */
    rd_kafka_event_t *event;            /* being handled; must go before the producer */
    int wake_fd;
    struct ps_loop_source *wake, *timer;
    uint64_t last;       /* the highest that was submitted */
    uint64_t generation; /* counts producers that went: after a callback, tells whether it purged */
    size_t in_flight;    /* records that have no report yet */

    /* Looking for the record that the brokers refuse: up to single_until one at a time. */
    bool probing;
    uint64_t single_until;
    struct suspect *suspects;
    size_t suspects_n, suspects_cap;

    bool single;              /* the present producer sends one at a time */
    bool taken;               /* … and a record was taken by it */
    bool stopped;             /* asked for a rewind; nothing moves until the purge */
    bool full;                /* submit said -EAGAIN */
    bool down;                /* no broker answers */
    bool down_told;           /* … and the log says so */
    char why[WHY_SIZE];       /* of the rewind that the present wake ends with; empty: none */
    char detail[DETAIL_SIZE]; /* the last trouble with a connection */
    struct ps_log_limit log_said[LOG_LEVELS], down_said, up_said, connection_said, rights_said;
};

static struct kafka_output *from_base(struct ps_output *out)
{
    return (struct kafka_output *)(void *)out;
}

/* The sequence number travels as librdkafka's opaque pointer, which may be narrower: the window is not. */
static void *opaque_make(uint64_t seq)
{
    return (void *)(uintptr_t)seq;
}

static uint64_t opaque_seq(const struct kafka_output *k, const void *opaque)
{
    return k->last - (uintptr_t)((uintptr_t)k->last - (uintptr_t)opaque);
}

static void event_drop(struct kafka_output *k)
{
    if (k->event)
        rd_kafka_event_destroy(k->event);
    k->event = NULL;
}

static void producer_drop(struct kafka_output *k)
{
    event_drop(k);
    k->producer = ps_kafka_producer_free(k->producer);
    (void)ps_loop_timer_set(k->timer, -1, 0);
    k->in_flight = k->suspects_n = 0;
    k->taken = false;
    k->why[0] = '\0';
    k->generation++;
}

/* The first reason stays: later ones mostly follow from it. */
static void why_set(struct kafka_output *k, rd_kafka_resp_err_t error, const char *text)
{
    if (k->why[0] == '\0')
        (void)snprintf(k->why, sizeof k->why, "kafka topic %s at %s: %s; %s", k->options->topic, k->options->brokers,
                       text, ps_kafka_error_advice(error));
}

/* The caller returns at once, as the pipeline may have purged already. */
static void rewind_ask(struct kafka_output *k)
{
    char why[WHY_SIZE];
    memcpy(why, k->why, sizeof why);
    k->stopped = true;
    k->host->rewind(k->host->ctx, why);
}

static void refuse(struct kafka_output *k, uint64_t seq, rd_kafka_resp_err_t error)
{
    char reason[DETAIL_SIZE];
    (void)snprintf(reason, sizeof reason, "kafka: %s (%s)", rd_kafka_err2str(error), rd_kafka_err2name(error));
    k->host->refused(k->host->ctx, seq, reason);
}

/* Something was taken, so what was refused is refused for good. */
static void suspects_refuse(struct kafka_output *k)
{
    uint64_t generation = k->generation;
    while (k->generation == generation && k->suspects_n > 0) {
        struct suspect s = k->suspects[--k->suspects_n];
        refuse(k, s.seq, s.error);
    }
}

static int suspect_add(struct kafka_output *k, uint64_t seq, rd_kafka_resp_err_t error)
{
    if (k->suspects_n == k->suspects_cap) {
        size_t cap = k->suspects_cap ? 2 * k->suspects_cap : SUSPECTS_FIRST;
        struct suspect *v = ps_fault(PS_FAULT_MALLOC) ? NULL : reallocarray(k->suspects, cap, sizeof *v);
        if (!v)
            return -ENOMEM;
        k->suspects = v;
        k->suspects_cap = cap;
    }
    k->suspects[k->suspects_n++] = (struct suspect){seq, error};
    return 0;
}

/* The brokers judge a request as a whole, so only a request of one record tells which one they mean. */
static void on_record_refused(struct kafka_output *k, uint64_t seq, rd_kafka_resp_err_t error)
{
    if (!k->single) {
        k->probing = true;
        k->single_until = k->last;
        if (k->why[0] == '\0')
            (void)snprintf(k->why, sizeof k->why,
                           "kafka topic %s: a batch was refused: %s; its records are sent again one at a time",
                           k->options->topic, rd_kafka_err2str(error));
    } else if (k->taken) {
        refuse(k, seq, error);
    } else if (suspect_add(k, seq, error) < 0) {
        why_set(k, error, strerror(ENOMEM));
    }
}

static void on_taken(struct kafka_output *k, uint64_t seq)
{
    uint64_t generation = k->generation;
    k->taken = true;
    if (k->down_told)
        ps_log_limited(&k->up_said, PS_LOG_NOTICE, "%s: kafka: %s answers again", k->host->name, k->options->brokers);
    k->down = k->down_told = false;
    k->host->done(k->host->ctx, seq);
    if (k->generation == generation)
        suspects_refuse(k);
}

static void on_report(struct kafka_output *k, const rd_kafka_message_t *m)
{
    uint64_t seq = opaque_seq(k, m->_private);
    char text[DETAIL_SIZE];
    rd_kafka_resp_err_t error = m->err; /* not rd_kafka_message_errstr(), which may show the payload */
    k->in_flight--;
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR)
        on_taken(k, seq);
    else if (ps_kafka_error_blame(error) == PS_KAFKA_BLAME_RECORD)
        on_record_refused(k, seq, error);
    else if (ps_kafka_producer_fatal(k->producer, &error, text, sizeof text))
        why_set(k, error, text);
    else
        why_set(k, error, rd_kafka_err2str(error));
}

static void on_reports(struct kafka_output *k)
{
    uint64_t generation = k->generation;
    const rd_kafka_message_t *m;
    while (k->generation == generation && (m = rd_kafka_event_message_next(k->event)))
        on_report(k, m);
}

/* Brokers close connections that were idle for long: worth a word only while records wait. */
static void on_connection_error(struct kafka_output *k, rd_kafka_resp_err_t error, const char *text)
{
    if (error == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN)
        k->down = true;
    else
        (void)snprintf(k->detail, sizeof k->detail, "%s", text);
    if (k->in_flight == 0)
        return;
    if (k->down) {
        k->down_told = true;
        ps_log_limited(&k->down_said, PS_LOG_WARNING,
                       "%s: kafka: no broker of %s answers: %s; tried until one does; %s", k->host->name,
                       k->options->brokers, k->detail[0] ? k->detail : text, ps_kafka_error_advice(error));
    } else {
        ps_log_limited(&k->connection_said, PS_LOG_INFO, "%s: kafka: %s", k->host->name, text);
    }
}

/* All but fatal ones are for information: librdkafka goes on. */
static void on_error(struct kafka_output *k)
{
    rd_kafka_resp_err_t error = rd_kafka_event_error(k->event);
    const char *text = rd_kafka_event_error_string(k->event);
    char fatal[DETAIL_SIZE];
    if (ps_kafka_producer_fatal(k->producer, &error, fatal, sizeof fatal))
        why_set(k, error, fatal);
    else if (ps_kafka_error_blame(error) == PS_KAFKA_BLAME_CONNECTION)
        on_connection_error(k, error, text);
    else
        ps_log_limited(&k->rights_said, PS_LOG_ERROR, "%s: kafka: %s: %s; %s", k->host->name, k->options->brokers, text,
                       ps_kafka_error_advice(error));
}

static void on_log(struct kafka_output *k)
{
    const char *facility = "", *text = "";
    int level = PS_LOG_INFO;
    if (rd_kafka_event_log(k->event, &facility, &text, &level) < 0)
        return;
    if (strcmp(facility, "FAIL") == 0 || strcmp(facility, "FATAL") == 0)
        return; /* comes as an error, too */
    level = PS_MIN(PS_MAX(level, (int)PS_LOG_ERROR), (int)PS_LOG_DEBUG);
    if (level == PS_LOG_DEBUG) /* asked for, with `debug` */
        ps_log(PS_LOG_DEBUG, "%s: librdkafka: %s: %s", k->host->name, facility, text);
    else
        ps_log_limited(&k->log_said[level], (enum ps_log_level)level, "%s: librdkafka: %s: %s", k->host->name, facility,
                       text);
}

static void on_event(struct kafka_output *k)
{
    switch (rd_kafka_event_type(k->event)) {
    case RD_KAFKA_EVENT_DR:
        on_reports(k);
        break;
    case RD_KAFKA_EVENT_ERROR:
        on_error(k);
        break;
    case RD_KAFKA_EVENT_LOG:
        on_log(k);
        break;
    default:
        break;
    }
}

/* What follows from a whole row of events. */
static void wake_end(struct kafka_output *k)
{
    if (k->why[0] != '\0') {
        rewind_ask(k);
        return;
    }
    bool waiting = k->suspects_n > 0 && k->in_flight == 0;
    (void)ps_loop_timer_set(k->timer, waiting ? SUSPECTS_USEC : -1, 0);
    if (k->full) {
        k->full = false;
        k->host->writable(k->host->ctx);
    }
}

static void on_wake(void *ctx, uint32_t events)
{
    struct kafka_output *k = ctx;
    uint64_t count, generation = k->generation;
    (void)events;
    (void)!read(k->wake_fd, &count, sizeof count); /* the count doesn't matter */
    /* librdkafka wakes again only when the queue was empty; reports behind a failure still spare records a second way
     */
    while (!k->stopped && k->producer && (k->event = ps_kafka_producer_poll(k->producer))) {
        on_event(k);
        if (k->generation != generation)
            return;
        event_drop(k);
    }
    if (!k->stopped && k->producer)
        wake_end(k);
}

/* Whatever was sent was refused, each alone. */
static void on_suspects_timeout(void *ctx)
{
    struct kafka_output *k = ctx;
    if (k->stopped || k->suspects_n == 0 || k->in_flight > 0)
        return;
    k->single_until = PS_MAX(k->single_until, k->last);
    rd_kafka_resp_err_t error = k->suspects[0].error;
    (void)snprintf(k->why, sizeof k->why, "kafka topic %s at %s refuses all records: %s; %s", k->options->topic,
                   k->options->brokers, rd_kafka_err2str(error), ps_kafka_error_advice(error));
    rewind_ask(k);
}

/* 0; -EAGAIN: the change back to batches waits for reports; -ENOLINK: no producer, `why` tells the reason. */
static int producer_get(struct kafka_output *k, uint64_t seq)
{
    if (k->probing && seq > k->single_until && k->suspects_n == 0) {
        if (k->in_flight > 0)
            return -EAGAIN;
        k->probing = false;
        producer_drop(k);
    }
    if (k->producer)
        return 0;
    k->single = k->probing;
    char text[DETAIL_SIZE] = "";
    if (ps_kafka_producer_new(ps_kafka_conf_copy(k->conf, k->single), k->options->topic, k->wake_fd, &k->producer, text,
                              sizeof text) == 0)
        return 0;
    (void)snprintf(k->why, sizeof k->why, "kafka: can't make a producer: %s", text);
    return -ENOLINK;
}

static int kafka_submit(struct ps_output *out, uint64_t seq, const struct ps_message *m)
{
    struct kafka_output *k = from_base(out);
    if (k->stopped)
        return 0; /* comes again after the purge */
    int r = producer_get(k, seq);
    if (r == -EAGAIN) {
        k->full = true;
        return r;
    }
    if (r < 0) {
        rewind_ask(k);
        return 0;
    }
    rd_kafka_resp_err_t error = ps_kafka_producer_send(k->producer, m, opaque_make(seq));
    char text[DETAIL_SIZE];
    switch (error) {
    case RD_KAFKA_RESP_ERR_NO_ERROR:
        k->last = seq;
        k->in_flight++;
        break;
    case RD_KAFKA_RESP_ERR__QUEUE_FULL:
        k->full = true;
        return -EAGAIN;
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE: /* librdkafka's own limit, whatever the brokers may say */
        k->host->refused(k->host->ctx, seq, "kafka: larger than message.max.bytes of `properties`");
        break;
    default:
        if (ps_kafka_producer_fatal(k->producer, &error, text, sizeof text))
            why_set(k, error, text);
        else
            why_set(k, error, rd_kafka_err2str(error));
        rewind_ask(k);
    }
    return 0;
}

/* linger.ms is as short as a flush could make it. */
static void kafka_flush(struct ps_output *out)
{
    (void)out;
}

static void kafka_purge(struct ps_output *out)
{
    struct kafka_output *k = from_base(out);
    producer_drop(k);
    k->stopped = k->full = false;
}

static struct ps_output *kafka_close(struct ps_output *out)
{
    if (!out)
        return NULL;
    struct kafka_output *k = from_base(out);
    event_drop(k);
    k->producer = ps_kafka_producer_free(k->producer);
    k->wake = ps_loop_source_free(k->wake);
    k->timer = ps_loop_source_free(k->timer);
    k->conf = ps_kafka_conf_free(k->conf);
    k->wake_fd = ps_close(k->wake_fd);
    free(k->suspects);
    free(k);
    return NULL;
}

static int kafka_check(const void *options, char *buf, size_t n)
{
    return ps_kafka_conf_check(options, buf, n);
}

static int kafka_open(const void *options, const struct ps_output_host *host, struct ps_output **ret, char *buf,
                      size_t n)
{
    struct kafka_output *k = ps_fault(PS_FAULT_MALLOC) ? NULL : calloc(1, sizeof *k);
    if (!k) {
        (void)snprintf(buf, n, "kafka: %s", strerror(ENOMEM));
        return -ENOMEM;
    }
    k->base.ops = &ps_output_kafka;
    k->options = options;
    k->host = host;
    k->wake_fd = -1;
    int r = ps_kafka_conf_new(options, &k->conf, buf, n);
    if (r < 0) {
        kafka_close(&k->base);
        return r;
    }
    k->wake_fd = ps_fault(PS_FAULT_OPEN) ? -1 : eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    r = k->wake_fd < 0 ? -errno : ps_loop_io_add(host->loop, k->wake_fd, EPOLLIN, on_wake, k, &k->wake);
    if (r == 0)
        r = ps_loop_timer_add(host->loop, on_suspects_timeout, k, &k->timer);
    if (r < 0) {
        (void)snprintf(buf, n, "kafka: %s", strerror(-r));
        kafka_close(&k->base);
        return r;
    }
    *ret = &k->base;
    return 0;
}

static const struct ps_option rows[] = {
    {.name = "brokers",
     .type = PS_OPTION_STRING,
     .offset = offsetof(struct ps_output_kafka_options, brokers),
     .required = true,
     .example = "kafka1.example.org:9092,kafka2.example.org:9092",
     .doc = "some of the cluster's brokers: host:port,host:port"},
    {.name = "topic",
     .type = PS_OPTION_STRING,
     .offset = offsetof(struct ps_output_kafka_options, topic),
     .required = true,
     .example = "mail",
     .doc = "the topic, which should exist"},
    {.name = "properties",
     .type = PS_OPTION_STRING_MAP,
     .offset = offsetof(struct ps_output_kafka_options, properties),
     .example = "{compression.type: zstd}",
     .doc = "librdkafka's own settings, such as security.protocol; those that break the guarantee are refused"},
};

const struct ps_output_ops ps_output_kafka = {
    .kind = "kafka",
    .doc = "ships to an Apache Kafka topic",
    .options = {.rows = rows, .n = PS_COUNT(rows), .size = sizeof(struct ps_output_kafka_options)},
    .check = kafka_check,
    .open = kafka_open,
    .submit = kafka_submit,
    .flush = kafka_flush,
    .purge = kafka_purge,
    .close = kafka_close,
};
