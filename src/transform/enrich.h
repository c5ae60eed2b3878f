/* What follows from an event's own fields and the site: from_domain, to_domain (lower case, IDN as A-label), outcome,
 * direction. */
#pragma once

#include "base/option.h"
#include "model/event.h"

/* Who is "we": borrowed from the configuration. */
struct ps_site {
    struct ps_strings own_domains; /* lower case A-labels; a domain covers its subdomains */
    struct ps_networks own_networks;
};

/* Sets derived fields that are not set yet. A derived value that finds no memory is left out. */
void ps_enrich(const struct ps_site *site, struct ps_event *ev);
