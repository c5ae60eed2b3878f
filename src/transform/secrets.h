/* Passwords and what stands for them (their hashes, SASL responses, tokens) in what daemons print when they are told to
 * be verbose, or to log the passwords of failed logins. They never leave this host. */
#pragma once

#include "model/event.h"

/* Takes each secret out of the message, "[removed]" stands in its place, and out of every field; sets secret_removed.
 * Where it can't be told where a secret ends, all the rest goes; what can't be told from a secret is one. A message for
 * which there is no memory is left out. For an event as the parser made it: values are slices of the line. */
void ps_secrets_remove(struct ps_event *ev);
