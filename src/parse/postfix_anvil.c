#include "parse/tables.h"

/* anvil/anvil.c. "(service:client)": the service may hold colons, the client is "unknown" where it has no address. */
static const struct ps_rule rules[] = {
    {PS_K_ANVIL_STATISTICS, "statistics: max {anvil_rate_kind} rate {anvil_rate}/{anvil_period}s for "
                            "({service:first}:{client_ip}) at {anvil_at:text}"},
    {PS_K_ANVIL_STATISTICS, "statistics: max {anvil_rate_kind} count {anvil_count} for "
                            "({service:first}:{client_ip}) at {anvil_at:text}"},
    {PS_K_ANVIL_STATISTICS, "statistics: max {anvil_rate_kind} rate {anvil_rate}/{anvil_period}s for "
                            "({service:first}:unknown) at {anvil_at:text}"},
    {PS_K_ANVIL_STATISTICS, "statistics: max {anvil_rate_kind} count {anvil_count} for "
                            "({service:first}:unknown) at {anvil_at:text}"},
    {PS_K_ANVIL_STATISTICS, "statistics: max cache size {anvil_cache_size} at {anvil_at:text}"},
};

const struct ps_rule_table ps_rules_anvil = {"anvil", rules, PS_COUNT(rules)};
