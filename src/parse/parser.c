#include <errno.h>
#include <stdlib.h>

#include "base/fault.h"
#include "base/util.h"
#include "parse/dovecot_head.h"
#include "parse/parse.h"
#include "parse/tables.h"

struct ps_parser {
    struct ps_grammar *grammar;
};

int ps_parser_new(struct ps_parser **ret)
{
    struct ps_parser *p = ps_fault(PS_FAULT_MALLOC) ? NULL : calloc(1, sizeof *p);
    if (!p)
        return -ENOMEM;
    char error[256];
    int r = ps_grammar_new(ps_rule_tables, ps_rule_tables_n, ps_rule_lists, ps_rule_lists_n, &p->grammar, error,
                           sizeof error);
    if (r < 0) {
        free(p);
        return r;
    }
    *ret = p;
    return 0;
}

struct ps_parser *ps_parser_free(struct ps_parser *parser)
{
    if (parser)
        ps_grammar_free(parser->grammar);
    free(parser);
    return NULL;
}

/* RFC 5424, 6.2.1, with the names of syslog.conf(5); severity 3 as Postfix writes it. */
static const struct ps_slice facilities[] = {
    {"kern", 4},   {"user", 4},   {"mail", 4},   {"daemon", 6}, {"auth", 4},     {"syslog", 6},
    {"lpr", 3},    {"news", 4},   {"uucp", 4},   {"cron", 4},   {"authpriv", 8}, {"ftp", 3},
    {"ntp", 3},    {"audit", 5},  {"alert", 5},  {"clock", 5},  {"local0", 6},   {"local1", 6},
    {"local2", 6}, {"local3", 6}, {"local4", 6}, {"local5", 6}, {"local6", 6},   {"local7", 6},
};
static const struct ps_slice severities[] = {
    {"emerg", 5}, {"alert", 5}, {"crit", 4}, {"error", 5}, {"warning", 7}, {"notice", 6}, {"info", 4}, {"debug", 5},
};

/* "postfix/submission/smtpd" is the program smtpd of the instance postfix and the service submission; "smtpd" alone is
 * a program. Returns the program. */
static struct ps_slice tag_take(struct ps_slice tag, struct ps_event *ev)
{
    const char *last = tag.n ? memrchr(tag.p, '/', tag.n) : NULL;
    bool split = last && last != tag.p && last + 1 != tag.p + tag.n;
    struct ps_slice program = split ? ps_slice_after(tag, (size_t)(last - tag.p) + 1) : tag;
    if (program.n)
        (void)ps_event_put(ev, PS_F_PROGRAM, program);
    if (!split)
        return program;

    const char *first = memchr(tag.p, '/', tag.n);
    if (first != tag.p)
        (void)ps_event_put(ev, PS_F_INSTANCE, (struct ps_slice){tag.p, (size_t)(first - tag.p)});
    if (last > first + 1)
        (void)ps_event_put(ev, PS_F_SERVICE, (struct ps_slice){first + 1, (size_t)(last - first) - 1});
    return program;
}

enum ps_verdict ps_parser_run(const struct ps_parser *parser, struct ps_event *ev, struct ps_slice line,
                              struct ps_time_context *time)
{
    ps_event_clear(ev);
    ev->line = line;
    struct ps_syslog_header header;
    if (!ps_syslog_header_parse(line, time, &header)) {
        ev->message = line;
        ev->kind = PS_K_UNPARSED;
        return PS_NOT_SYSLOG;
    }
    ev->time_usec = header.time_usec;
    ev->host = header.host;
    ev->message = header.message;

    bool parsed;
    struct ps_dovecot_head dovecot;
    if (ps_dovecot_head_take(header.program, header.message, ev, &dovecot)) {
        parsed = ps_grammar_text_match(parser->grammar, dovecot.rules, dovecot.severity, dovecot.text, ev);
        if (parsed && ev->kind == PS_K_DELIVERY) /* Dovecot has no word for it; all else is a refusal */
            (void)ps_event_put(ev, PS_F_STATUS, PS_SLICE("sent"));
    } else {
        struct ps_slice program = tag_take(header.program, ev);
        if (header.pid.n)
            (void)ps_event_set(ev, PS_F_PID, header.pid);
        parsed = ps_grammar_match(parser->grammar, program, header.message, ev);
    }
    if (header.priority >= 0) {
        unsigned facility = (unsigned)header.priority / 8;
        if (facility < PS_COUNT(facilities))
            (void)ps_event_put(ev, PS_F_FACILITY, facilities[facility]);
        (void)ps_event_put(ev, PS_F_SEVERITY, severities[header.priority % 8]); /* Postfix's own word goes before it */
    }
    if (parsed)
        return PS_PARSED;
    ev->kind = PS_K_OTHER;
    return PS_UNKNOWN;
}
