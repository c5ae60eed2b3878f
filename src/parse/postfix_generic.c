#include "parse/tables.h"

/* util/dict_surrogate.c, dict_open.c, global/maps.c, mkmap_open.c; each prints "type:name". */
static const struct ps_rule table_rules[] = {
    {PS_K_TABLE_ERROR, "warning: {map_name:first}: lookup of '{lookup_key:text}' failed"}, /* local/alias.c */
    {PS_K_TABLE_ERROR, "warning: {map_name:token} is unavailable. {reason}"},
    {PS_K_TABLE_ERROR, "warning: {map_name:token} {reason=lookup error} for \"{lookup_key:text}\""},
    {PS_K_TABLE_ERROR, "warning: {map_name:function} {reason=lookup failure}"},
    {PS_K_TABLE_ERROR, "warning: {:word}: {map_name:first}: {reason=table lookup problem}"}, /* util/match_ops.c */
    {PS_K_TABLE_ERROR, "error: open database {map_name:word}: {reason}"},
    {PS_K_TABLE_ERROR, "fatal: open database {map_name:word}: {reason}"},
    {PS_K_TABLE_ERROR, "error: open {map_name:word}: {reason}"},
    {PS_K_TABLE_ERROR, "fatal: {reason=open dictionary: }{reason}"},
    /* dict_cidr.c, dict_pcre.c, dict_regexp.c */
    {PS_K_TABLE_ERROR, "warning: {:word} map {map_name:word}, line {:int}: {reason}"},
    {PS_K_TABLE_ERROR, "fatal: {:word} map {map_name:word}, line {:int}: {reason}"},
    {PS_K_TABLE_ERROR, "fatal: {:word} map {map_name:word}: {reason}"},
    /* dict_alloc.c and others: "table type:name: text" */
    {PS_K_TABLE_ERROR, "warning: table {map_name:first}: {reason}"},
    {PS_K_TABLE_ERROR, "fatal: table {map_name:first}: {reason}"},
    {PS_K_TABLE_ERROR, "warning: database {map_name:word} {reason=is older than source file} {:word}"},
    {PS_K_TABLE_ERROR, "warning: {reason=request for unapproved table}: \"{map_name:text}\""}, /* proxymap */
    /* util/dict.c, dict_changed_name(): "type:name(flags)"; a daemon ends so, and is started anew */
    {PS_K_RELOAD, "table {map_name:text}({:text}) has changed -- restarting"},
    {PS_K_RELOAD, "table {map_name:text} has changed -- restarting"},
};

/* global/mail_conf_int.c, mail_conf_bool.c, mail_conf_str.c, mail_conf_time.c, mail_params.c, master/master_ent.c,
 * util/dict.c */
static const struct ps_rule config_rules[] = {
    {PS_K_CONFIG_ERROR, "fatal: {reason=bad numerical configuration: }{reason}"},
    {PS_K_CONFIG_ERROR, "fatal: {reason=bad boolean configuration: }{reason}"},
    {PS_K_CONFIG_ERROR, "fatal: {reason=bad string length }{reason}"},
    {PS_K_CONFIG_ERROR, "fatal: invalid {:function} {reason=parameter value }{reason}"},
    {PS_K_CONFIG_ERROR, "fatal: {reason=parameter }{reason}"},
    {PS_K_CONFIG_ERROR, "fatal: file {config_path:word}: {reason=parameter }{reason}"},
    {PS_K_CONFIG_ERROR, "fatal: file {config_path:word}: {reason=parameters }{reason}"},
    {PS_K_CONFIG_ERROR, "fatal: {reason=in parameter }{reason}"},
    {PS_K_CONFIG_ERROR, "fatal: {reason=config variable }{reason}"},
    {PS_K_CONFIG_ERROR, "fatal: {config_path:word}: line {:int}: {reason}"},
    {PS_K_CONFIG_ERROR, "fatal: {config_path:word}, line {:int}: {reason}"},
    {PS_K_CONFIG_ERROR, "warning: {config_path:word}, line {:int}: {reason}"},
    {PS_K_CONFIG_ERROR, "warning: {config_path:word}: {reason=undefined parameter: }{reason}"},
    {PS_K_CONFIG_ERROR, "warning: bad {:function} {reason=parameter value: }{reason}"},
    {PS_K_CONFIG_ERROR, "warning: {reason=do not list domain }{reason}"}, /* trivial-rewrite/resolve.c */
    {PS_K_CONFIG_ERROR, "{reason=using backwards-compatible default setting }{reason}"},
};

/* What carries a queue id elsewhere than in front, and whatever else a daemon labels. */
static const struct ps_rule severity_rules[] = {
    /* global/record.c, which prints the path of the file */
    {PS_K_WARNING, "warning: incoming/{queue_id}: {reason}"},
    {PS_K_WARNING, "warning: deferred/{queue_id}: {reason}"},
    {PS_K_WARNING, "warning: hold/{queue_id}: {reason}"},
    {PS_K_WARNING, "warning: {queue_id}: {reason}"},
    {PS_K_WARNING, "warning: {reason}"},
    {PS_K_ERROR, "error: {queue_id}: {reason}"},
    {PS_K_ERROR, "error: {reason}"},
    {PS_K_FATAL, "fatal: {queue_id}: {reason}"},
    {PS_K_FATAL, "fatal: {reason}"},
    {PS_K_PANIC, "panic: {queue_id}: {reason}"},
    {PS_K_PANIC, "panic: {reason}"},
};

const struct ps_rule_table ps_rules_table_error = {PS_POSTFIX_PROGRAMS, table_rules, PS_COUNT(table_rules)};
const struct ps_rule_table ps_rules_config_error = {PS_POSTFIX_PROGRAMS, config_rules, PS_COUNT(config_rules)};
const struct ps_rule_table ps_rules_severity = {PS_POSTFIX_PROGRAMS, severity_rules, PS_COUNT(severity_rules)};
