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

/* RFC 3164 ("Nov 21 22:57:39 host tag[pid]: text", also with an RFC 3339 stamp, without host or without pid), RFC 5424
 * ("<22>1 TIME host app pid msgid SD text"), Postfix's maillog_file (as RFC 3164), each with an optional <PRI> in
 * front; Dovecot's log_path
 * ("YYYY-MM-DD HH:MM:SS service: Level: text"). False: none of these; *ret untouched. */
bool ps_syslog_header_parse(struct ps_slice line, struct ps_time_context *time, struct ps_syslog_header *ret);
