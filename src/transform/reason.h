/* Why a message was not taken, as one of the classes of fields.md, from the reply of a server (a remote one, or our own
 * in a reject) or from what a delivery agent says.
 *
 * One table decides; its first row that fits wins. The order of its rows is the precedence:
 *   1. reply codes that mean one thing only (535, 523);
 *   2. a few texts that are surer than their codes: greylisting in a 4xx, block lists, replies of providers that give
 *      a precise code another meaning (Microsoft's 5.4.1 for an unknown recipient);
 *   3. enhanced codes that mean one thing wherever they occur (x.1.1, x.2.2, 5.7.26);
 *   4. texts: here the rest is decided, as codes such as 550, 554, 5.7.1, 5.0.0, 4.3.0 say "no" and not why;
 *   5. what an enhanced code says in general (x.7.x: policy, x.4.x: connect_failed);
 *   6. the same of a reply code (552: size_exceeded).
 *
 * Classes that need words to tell them apart:
 *   authentication   SPF, DKIM, DMARC of the message; also a login that the reply asks for or refuses
 *   blocklisted      a list (public or the receiver's own) has the client or a domain
 *   reputation       the receiver's own score of the client or domain
 *   policy           a rule of the receiver that is none of the others; a client without reverse name too
 *   connect_failed   no connection, or it was lost; `timeout` is about a conversation that had begun
 *   configuration    what an administrator of either side must mend: tables, services, full disks
 *   protocol         syntax, order and extensions of SMTP, malformed messages and addresses
 *
 * Texts are compared in lower case, without what stands in angle brackets (addresses, names of clients) and without
 * the codes that a reply of several lines repeats; only their first kilobyte counts. */
#pragma once

#include "postship/slice.h"

struct ps_reply {
    struct ps_slice code;     /* three digits; empty: none, or it stands in front of the text */
    struct ps_slice enhanced; /* "5.7.1"; empty: none, or in front of the text */
    struct ps_slice text;     /* with or without its codes */
};

/* The name of the class: constant text, never empty; "other" where no row fits. No allocation. */
struct ps_slice ps_reason_class(const struct ps_reply *reply);
