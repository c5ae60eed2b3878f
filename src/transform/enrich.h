/* What follows from an event's own fields and the site: from_domain, to_domain (lower case, IDN as A-label), outcome,
 * reason_class, remote_queue_id, direction. */
#pragma once

#include "base/option.h"
#include "model/event.h"

/* Who is "we": borrowed from the configuration. */
struct ps_site {
    struct ps_strings own_domains; /* lower case A-labels; a domain covers its subdomains */
    struct ps_networks own_networks;
};

/* Sets derived fields that are not set yet. A derived value that finds no memory is left out.
 *
 * from_domain, to_domain: what stands behind the last @ outside quotes of `from` and `to`; an address literal with its
 * brackets. None for the null sender, an address without domain, and what can't be a domain.
 *
 * outcome: of kinds that are about something succeeding or failing; others have none. Of a delivery by its status.
 *
 * reason_class: of deliveries that failed, and of rejects by us, a milter or a filter (transform/reason.h).
 *
 * remote_queue_id: of deliveries that did not fail, where the reply has it (transform/remote_id.h).
 *
 * direction: which way a mail goes, seen from the site; left out where that is not clear.
 *   The sender is ours if it logged in (sasl_username) or its client is in own_networks, a stranger if its client is
 *   not. The client is orig_client_ip, else client_ip; loopback is none (a content filter hands mail back that way).
 *   Without client or own_networks, the sender is ours if from_domain is. Otherwise it is not known.
 *   - to_domain is ours: internal if the sender is ours, else inbound.
 *   - to_domain is not ours: outbound, but left out for a stranger, who merely asks for relaying.
 *   - no to_domain: inbound for mail accepted from a stranger, else left out.
 *   To tell whether a domain is ours takes own_domains; an address literal is left out. */
void ps_enrich(const struct ps_site *site, struct ps_event *ev);
