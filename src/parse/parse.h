/* From the bytes of a line to an event. Knows syslog heads and, by tables, the messages of mail daemons. Never fails,
 * never allocates but from the event's arena, never logs. */
#pragma once

#include "model/event.h"
#include "model/record.h"

/* As ps_parser_line_parse, with the stamps read in `time` (a file's own year and zone). Sets the envelope but for the
 * event's id and source: line, time_usec, host, message, kind; program, pid and the fields of the rule that took the
 * message. A line without a time of its own has time_usec = INT64_MIN. */
enum ps_verdict ps_parser_run(const struct ps_parser *parser, struct ps_event *ev, struct ps_slice line,
                              struct ps_time_context *time);

/* What stands before the message. Slices are empty where the line doesn't have it. */
struct ps_syslog_header {
    int64_t time_usec; /* INT64_MIN: no stamp */
    int priority;      /* facility * 8 + severity, or -1 */
    struct ps_slice host;
    struct ps_slice program; /* the tag: "postfix/submission/smtpd", "dovecot" */
    struct ps_slice pid;     /* digits */
    struct ps_slice message;
};

/* The forms of header:
 *   Nov 21 22:57:39 mx1 postfix/smtpd[452]: text                  RFC 3164, Postfix's maillog_file
 *   2026-11-21T22:57:39.123456+00:00 mx1 postfix/smtpd[452]: text the same with an RFC 3339 stamp
 *   <22>1 2026-11-21T22:57:39.123456Z mx1 postfix 452 - - text    RFC 5424, "-" where it has nothing
 *   2026-11-21 23:00:09 imap(user)<589><session>: Info: text      Dovecot's log_path
 *   pipe[738]: fatal: text                                        Postfix, which failed too early; "panic: " too
 * each with an optional <PRI> in front, which RFC 5424 always has. The host may be missing, and so may the tag or its
 * pid. The message starts at its first byte that isn't a blank. Of Dovecot's form it is all that stands behind the
 * stamp, as it is in the message that Dovecot sends to syslog; program is the service ("imap") and pid the process that
 * it names. False: none of these; *ret untouched. */
bool ps_syslog_header_parse(struct ps_slice line, struct ps_time_context *time, struct ps_syslog_header *ret);
