/* What Dovecot writes in front of a message, the same in syslog (behind the tag) and in its own log_path:
 *
 *     service(user)<pid><session>: Level: text
 *
 * Each part but the service may be missing; syslog has no level for "Info: ". */
#pragma once

#include "model/event.h"

struct ps_dovecot_head {
    struct ps_slice rules; /* the name of the table for the text */
    unsigned severity;     /* index of the severity prefix that the rules have for the level */
    struct ps_slice text;
};

/* Takes the head off the message of a line whose tag is `tag`, which is the message's own first word in log_path. Sets
 * instance, program (the service), pid, severity, and of the head login_user, login_session, login_method, client_ip.
 * A user's name that could end at more than one place is not set, `ambiguous` is. What auth prints of a given password
 * is no part of the text. False: not Dovecot's; nothing is set. */
bool ps_dovecot_head_take(struct ps_slice tag, struct ps_slice message, struct ps_event *ev,
                          struct ps_dovecot_head *ret);
