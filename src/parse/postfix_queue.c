#include "parse/tables.h"

/* pickup/pickup.c, pickup_file() */
static const struct ps_rule pickup_rules[] = {
    {PS_K_PICKUP, "{queue_id}: uid={uid} from=<{from}>"},
    {PS_K_PICKUP, "{queue_id}: uid={uid} from=<{from}> orig_id={orig_queue_id}"},
    {PS_K_WARNING, "warning: {queue_id}: uid={uid}: {reason:text}"},
    {PS_K_WARNING, "warning: uid={uid}: {reason:text}"},
    {PS_K_WARNING, "warning: maildrop/{queue_id}: {reason:text}"}, /* global/record.c */
};
const struct ps_rule_table ps_rules_pickup = {"pickup", pickup_rules, PS_COUNT(pickup_rules)};

/* qmgr/qmgr_active.c, qmgr_message.c, qmgr_transport.c, qmgr_deliver.c, qmgr_entry.c, global/bounce.c */
static const struct ps_rule qmgr_rules[] = {
    {PS_K_QUEUED, "{queue_id}: from=<{from}>, size={size}, nrcpt={nrcpt} (queue active)"},
    {PS_K_REMOVED, "{queue_id}: removed"},
    {PS_K_EXPIRED, "{queue_id}: from=<{from}>, status={status}, returned to sender"},
    {PS_K_WARNING, "{queue_id}: {reason=skipped, still being delivered}"},
    {PS_K_WARNING, "warning: {reason=saving corrupt file} \"{queue_id}\" from queue \"active\" to queue \"corrupt\""},
    {PS_K_WARNING, "warning: active/{queue_id}: {reason:text}"}, /* global/record.c */
    {PS_K_WARNING, "warning: connect to transport {relay_path:first}: {reason:text}"},
    {PS_K_WARNING, "warning: {relay_path:word} socket: {reason=malformed response}"},
    {PS_K_WARNING, "warning: {relay_path:word} socket: {reason=premature disconnect}"},
    {PS_K_WARNING, "warning: transport {relay} failure -- {reason:text}"},
    {PS_K_WARNING, "warning: mail for {relay} is {reason:text}"},
};
const struct ps_rule_table ps_rules_qmgr = {"qmgr nqmgr oqmgr", qmgr_rules, PS_COUNT(qmgr_rules)};

/* bounce/bounce_notify_service.c, bounce_warn_service.c, bounce_trace_service.c, bounce_one_service.c */
static const struct ps_rule bounce_rules[] = {
    {PS_K_BOUNCED, "{queue_id}: {notice=sender non-delivery} notification: {bounce_queue_id}"},
    {PS_K_BOUNCE_NOTICE, "{queue_id}: {notice=postmaster non-delivery} notification: {bounce_queue_id}"},
    {PS_K_DELAY_NOTICE, "{queue_id}: {notice=sender delay} notification: {bounce_queue_id}"},
    {PS_K_BOUNCE_NOTICE, "{queue_id}: {notice=postmaster delay} notification: {bounce_queue_id}"},
    {PS_K_BOUNCE_NOTICE, "{queue_id}: {notice=sender delivery status} notification: {bounce_queue_id}"},
    {PS_K_WARNING, "{queue_id}: {reason=not sending trace/success notification for double-bounce message}"},
    {PS_K_WARNING, "{queue_id}: {reason=not sending trace/success notification for single-bounce message}"},
    {PS_K_WARNING, "{queue_id}: {reason=no trace file -- not sending a notification}"},
    {PS_K_WARNING, "warning: {queue_id}: {reason=undeliverable postmaster notification discarded}"},
    {PS_K_WARNING, "warning: {queue_id}: {reason=postmaster notice failed while bouncing} to {to:text}"},
    {PS_K_WARNING, "warning: {queue_id}: {reason=postmaster notice failed while warning} {to:text}"},
};
const struct ps_rule_table ps_rules_bounce = {"bounce defer trace", bounce_rules, PS_COUNT(bounce_rules)};

/* util/dict_cache.c */
static const struct ps_rule verify_rules[] = {
    {PS_K_VERIFY_STATISTICS, "cache {map_name:first} full cleanup: retained={verify_cache_retained} "
                             "dropped={verify_cache_dropped} entries"},
    {PS_K_VERIFY_STATISTICS, "cache {map_name:first} partial cleanup: retained={verify_cache_retained} "
                             "dropped={verify_cache_dropped} entries"},
};
const struct ps_rule_table ps_rules_verify = {"verify", verify_rules, PS_COUNT(verify_rules)};

/* scache/scache.c, scache_status_dump() */
static const struct ps_rule scache_rules[] = {
    {PS_K_CONNECTION_CACHE_STATISTICS, "statistics: start interval {scache_start:text}"},
    {PS_K_CONNECTION_CACHE_STATISTICS,
     "statistics: domain lookup hits={scache_dest_lookup_hits} miss={scache_dest_lookup_misses} "
     "success={scache_dest_lookup_success_rate}%"},
    {PS_K_CONNECTION_CACHE_STATISTICS,
     "statistics: address lookup hits={scache_addr_lookup_hits} miss={scache_addr_lookup_misses} "
     "success={scache_addr_lookup_success_rate}%"},
    {PS_K_CONNECTION_CACHE_STATISTICS,
     "statistics: max simultaneous domains={scache_simultaneous_domains} addresses={scache_simultaneous_addresses} "
     "connection={scache_simultaneous_connections}"},
};
const struct ps_rule_table ps_rules_scache = {"scache", scache_rules, PS_COUNT(scache_rules)};
