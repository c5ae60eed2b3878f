#include "parse/tables.h"

static const struct ps_rule master_rules[] = {
    /* master/master.c */
    {PS_K_START, "daemon started -- version {version:token}, configuration {config_path:text}"},
    {PS_K_RELOAD, "reload -- version {version:token}, configuration {config_path:text}"},
    {PS_K_STOP, "master exit time has arrived"},
    /* master/master_sig.c, master_sigdeath() */
    {PS_K_STOP, "terminating on signal {signal}"},
    /* master/master_spawn.c, master_reap_child() */
    {PS_K_WARNING, "warning: process {command:token} pid {:int} exit status {exit_status}"},
    {PS_K_WARNING, "warning: process {command:token} pid {:int} killed by signal {signal}"},
    {PS_K_WARNING, "warning: process {command:token} pid {:int} stopped by signal {signal}"},
    {PS_K_WARNING, "warning: {command:first}: {reason=bad command startup -- throttling}"},
    /* util/inet_listen.c */
    {PS_K_FATAL, "fatal: bind {server_ip} port {server_port}: {reason}"},
    /* master/master_ent.c */
    {PS_K_CONFIG_ERROR,
     "{config_path:word}: line {:int}: {reason=using backwards-compatible default setting }{reason}"},
};

const struct ps_rule_table ps_rules_master = {"master", master_rules, PS_COUNT(master_rules)};

static const struct ps_rule script_rules[] = {
    /* conf/postfix-script */
    {PS_K_START, "starting the Postfix mail system"},
    {PS_K_STOP, "stopping the Postfix mail system"},
    {PS_K_STOP, "warning: stopping the Postfix mail system with force"},
    {PS_K_STOP, "aborting the Postfix mail system"},
    {PS_K_STOP, "waiting for the Postfix mail system to terminate"},
    {PS_K_RELOAD, "refreshing the Postfix mail system"},
    {PS_K_CONFIG_ERROR, "warning: {reason=not owned by root}: {config_path:text}"},
    {PS_K_CONFIG_ERROR, "warning: {reason=group or other writable}: {config_path:text}"},
    {PS_K_CONFIG_ERROR, "warning: {reason=not set-gid or not owner+group+world executable}: {config_path:text}"},
    {PS_K_WARNING, "warning: {reason=damaged message}: corrupt/{queue_id}"},
};

const struct ps_rule_table ps_rules_script = {"postfix-script", script_rules, PS_COUNT(script_rules)};

/* postfix/postfix.c, which warns so at start and reload. */
static const struct ps_rule postfix_rules[] = {
    {PS_K_CONFIG_ERROR, "{reason=Postfix is using backwards-compatible default settings}"},
    {PS_K_CONFIG_ERROR, "{reason=Postfix is running with backwards-compatible default settings}"}, /* 3.5 */
    {PS_K_CONFIG_ERROR, "See http://www.postfix.org/COMPATIBILITY_README.html for details"},
    {PS_K_CONFIG_ERROR, "To disable backwards compatibility use \"{command:first}\" and \"postfix reload\""},
};

const struct ps_rule_table ps_rules_postfix = {"postfix postfix-script", postfix_rules, PS_COUNT(postfix_rules)};

/* postsuper/postsuper.c: a line for each message that was named, and one for all that were done. */
static const struct ps_rule postsuper_rules[] = {
    {PS_K_CANCELED, "{queue_id}: {postsuper_action=removed}"},
    {PS_K_REQUEUED, "{queue_id}: {postsuper_action=requeued}"},
    {PS_K_HOLD, "{queue_id}: {postsuper_action=placed on hold}"},
    {PS_K_REQUEUED, "{queue_id}: {postsuper_action=released from hold}"},
    {PS_K_EXPIRED, "{queue_id}: {postsuper_action=expired}"},
    {PS_K_CANCELED, "{postsuper_action=Deleted}: {count} message{:text}"},
    {PS_K_REQUEUED, "{postsuper_action=Requeued}: {count} message{:text}"},
    {PS_K_HOLD, "{postsuper_action=Placed on hold}: {count} message{:text}"},
    {PS_K_REQUEUED, "{postsuper_action=Released from hold}: {count} message{:text}"},
    {PS_K_EXPIRED, "{postsuper_action=Force-expired}: {count} message{:text}"},
    {PS_K_REQUEUED, "{postsuper_action=Renamed to match inode number}: {count} message{:text}"},
};

const struct ps_rule_table ps_rules_postsuper = {"postsuper", postsuper_rules, PS_COUNT(postsuper_rules)};

/* sendmail/sendmail.c: "user(uid): text", where the user is a local one; postdrop/postdrop.c, pickup/pickup.c. */
static const struct ps_rule submission_rules[] = {
    {PS_K_FATAL, "fatal: User {:first}({uid}) {reason=is not allowed to submit mail}"},
    {PS_K_FATAL, "fatal: uid={uid}: {reason}"},
    {PS_K_FATAL, "fatal: {:word}({uid}): {reason}"},
    {PS_K_WARNING, "warning: uid={uid}: {reason}"},
    {PS_K_WARNING, "warning: {:word}({uid}): {reason}"},
};

const struct ps_rule_table ps_rules_submission = {"sendmail postdrop pickup postqueue", submission_rules,
                                                  PS_COUNT(submission_rules)};

/* postmap/postmap.c, postalias/postalias.c: what they name is the source or the database of a table. */
static const struct ps_rule postmap_rules[] = {
    {PS_K_TABLE_ERROR, "fatal: open database {map_name:word}: {reason}"},
    {PS_K_TABLE_ERROR, "fatal: open {map_name:word}: {reason}"},
    {PS_K_TABLE_ERROR, "warning: {map_name:word}, line {:int}: {reason}"},
    {PS_K_TABLE_ERROR, "warning: {map_name:word}: {reason=duplicate entry}: \"{lookup_key:text}\""},
    {PS_K_TABLE_ERROR, "fatal: {map_name:word}: {reason=duplicate entry}: \"{lookup_key:text}\""},
};

const struct ps_rule_table ps_rules_postmap = {"postmap postalias", postmap_rules, PS_COUNT(postmap_rules)};

/* tlsmgr/tlsmgr.c, tlsmgr_reseed_event() and tlsmgr_service(): it ends so, and is started anew. */
static const struct ps_rule tlsmgr_rules[] = {
    {PS_K_STOP, "{reason=cannot read from entropy device }{reason:text} -- exiting to reopen"},
    {PS_K_STOP, "{reason=lost connection to EGD server }{reason:text} -- exiting to reconnect"},
    {PS_K_STOP, "{reason=exiting to reopen external entropy source }{reason}"},
    {PS_K_CONFIG_ERROR, "{reason=TLS support is not compiled in} -- exiting"},
};

const struct ps_rule_table ps_rules_tlsmgr = {"tlsmgr tlsproxy", tlsmgr_rules, PS_COUNT(tlsmgr_rules)};

/* qmqpd/qmqpd.c */
static const struct ps_rule qmqpd_rules[] = {
    {PS_K_CONNECT, "connect from {client}"},
    {PS_K_DISCONNECT, "disconnect from {client}"},
    {PS_K_ACCEPTED, "{queue_id}: client={client}"},
};

const struct ps_rule_table ps_rules_qmqpd = {"qmqpd", qmqpd_rules, PS_COUNT(qmqpd_rules)};
