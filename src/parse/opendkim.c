#include "parse/tables.h"

/* OpenDKIM 2.11, opendkim/opendkim.c, and OpenDMARC 1.4, opendmarc/opendmarc.c. Neither writes the severity into the
 * text. Domain, selector and algorithm of a signature and the domain of a From header are the sender's: each ends only
 * where the rest of the line fits. */
static const struct ps_rule dkim_rules[] = {
    /* mlfi_eom(): signing */
    {PS_K_MILTER_ACTION,
     "{queue_id}: {header_name=DKIM-Signature} field {action=added} (s={dkim_selector:text}, d={dkim_domain:text})"},
    /* mlfi_eoh(): why a message isn't signed */
    {PS_K_MILTER_ACTION, "{queue_id}: [{client_ip}] [{client_ip}] {reason=not internal}"},
    {PS_K_MILTER_ACTION, "{queue_id}: {client_host:token} [{client_ip}] {reason=not internal}"},
    {PS_K_MILTER_ACTION, "{queue_id}: {reason=no signing domain match} for '{dkim_domain:text}'"},
    {PS_K_MILTER_ACTION, "{queue_id}: {reason=no signing subdomain match} for '{dkim_domain:text}'"},
    {PS_K_MILTER_ACTION, "{queue_id}: {reason=no signing table match} for '{dkim_identity:text}'"},
    {PS_K_MILTER_ACTION,
     "{queue_id}: external host {client_host:text} {reason=attempted to send as} {dkim_domain:text}"},
    {PS_K_MILTER_ACTION, "{queue_id}: domain '{dkim_domain:text}' {reason=exempted, accepting}"},
    {PS_K_MILTER_ACTION, "{queue_id}: {reason=can't parse} {header_name}: header value '{header_value:text}'"},
    {PS_K_REJECT, "{queue_id}: {reason=RFC5322 header requirement error}: {milter_message}"},
    {PS_K_CONFIG_ERROR, "{queue_id}: {reason=signing table references unknown key} '{dkim_selector:text}'"},
    {PS_K_CONFIG_ERROR, "{queue_id}: {reason=error loading key} '{dkim_selector:text}'"},
    /* dkimf_libstatus(), dkimf_log_ssl_errors(), mlfi_eom(): verification */
    {PS_K_MILTER_ACTION, "{queue_id}: {dkim_result=DKIM verification successful}"},
    {PS_K_MILTER_ACTION, "{queue_id}: {dkim_result=bad signature data}"},
    {PS_K_MILTER_ACTION, "{queue_id}: {dkim_result=no signature data}"},
    {PS_K_MILTER_ACTION, "{queue_id}: {dkim_result=key revoked} (s={dkim_selector:text}, d={dkim_domain:text}, "
                         "a={dkim_algorithm:text})"},
    {PS_K_MILTER_ACTION, "{queue_id}: {dkim_result=key retrieval failed} (s={dkim_selector:text}, "
                         "d={dkim_domain:text}): {reason:text}"},
    {PS_K_MILTER_ACTION,
     "{queue_id}: {dkim_result=key retrieval failed} (s={dkim_selector:text}, d={dkim_domain:text})"},
    {PS_K_MILTER_ACTION, "{queue_id}: {dkim_result=key retrieval failed}: {reason}"},
    {PS_K_MILTER_ACTION, "{queue_id}: {dkim_result=syntax error}: {reason}"},
    {PS_K_MILTER_ACTION, "{queue_id}: {dkim_result=signature processing failed}: {reason}"},
    {PS_K_MILTER_ACTION,
     "{queue_id}: s={dkim_selector:text} d={dkim_domain:text} a={dkim_algorithm:text} SSL {tls_error}"},
    {PS_K_MILTER_ACTION, "{queue_id}: SSL {tls_error}"},
    {PS_K_MILTER_ACTION, "{queue_id}: {action=ignoring} signature from {dkim_domain:text}"},
    {PS_K_MILTER_ACTION, "{queue_id}: signature={dkim_signature:text} domain={dkim_domain:text} "
                         "selector={dkim_selector:text} result=\"{dkim_result:text}\""},
    /* any other word on a message */
    {PS_K_MILTER_ACTION, "{queue_id}: {reason}"},
    /* main(), dkimf_config_reload(), dkimf_loadkey() */
    {PS_K_START, "OpenDKIM Filter v{version} starting ({command:text})"},
    {PS_K_STOP, "OpenDKIM Filter v{version} terminating with status {exit_status}, {reason}"},
    {PS_K_RELOAD, "configuration reloaded from {config_path:text}"},
    {PS_K_CONFIG_ERROR, "can't load key from {config_path:text}: {reason}"},
    {PS_K_ERROR, "terminated with signal {signal}, restarting"},
    {PS_K_ERROR, "exited with status {exit_status}, restarting"},
    {PS_K_ERROR, "exited with status {exit_status}"},
    {PS_K_DEBUG, "cache: {reason}"},
    {PS_K_WARNING, "{reason}"}, /* nearly all that is said on no message is an error */
};
const struct ps_rule_table ps_rules_opendkim = {"- opendkim", dkim_rules, PS_COUNT(dkim_rules)};

static const struct ps_rule dmarc_rules[] = {
    /* mlfi_eom() */
    {PS_K_MILTER_ACTION, "{queue_id}: SPF({spf_scope}): {spf_domain:text} {spf_result}"},
    {PS_K_MILTER_ACTION, "{queue_id}: {reason=unable to parse From header field}"},
    {PS_K_MILTER_ACTION, "{queue_id}: {reason=multi-valued From field detected}"},
    {PS_K_MILTER_ACTION, "{queue_id}: {action=ignoring} mail from {dmarc_domain:text}"},
    {PS_K_MILTER_ACTION,
     "{queue_id}: {reason=RFC5322 requirement error}: {milter_message=missing From field; accepting}"},
    {PS_K_REJECT, "{queue_id}: {reason=RFC5322 requirement error}: {milter_message}"},
    {PS_K_MILTER_ACTION, "{queue_id}: {reason=ARC pass, policy fail} > continuing DMARC eval"},
    {PS_K_MILTER_ACTION, "{queue_id}: {reason=ARC pass, policy pass} > overriding DMARC fail"},
    {PS_K_MILTER_ACTION, "{queue_id}: opendmarc_policy_query_dmarc({dmarc_domain:text}) {reason}"},
    {PS_K_MILTER_ACTION, "{queue_id}: {dmarc_domain:text} {dmarc_result=none}"},
    {PS_K_MILTER_ACTION, "{queue_id}: {dmarc_domain:text} {dmarc_result=pass}"},
    {PS_K_MILTER_ACTION, "{queue_id}: {dmarc_domain:text} {dmarc_result=fail}"},
    {PS_K_MILTER_ACTION, "{queue_id}: {dmarc_domain:text} {dmarc_result=temperror}"},
    {PS_K_MILTER_ACTION, "{queue_id}: {reason}"},
    {PS_K_DEBUG, "{queue_id} ignoring {header_name=Authentication-Results} at {count} from {header_value}"},
    /* mlfi_connect(), main(), dmarcf_config_reload() */
    {PS_K_MILTER_ACTION, "{action=ignoring} connection from {client_host:text}"},
    {PS_K_START, "OpenDMARC Filter v{version} starting ({command:text})"},
    {PS_K_STOP, "OpenDMARC Filter v{version} terminating with status {exit_status}, {reason}"},
    {PS_K_RELOAD, "configuration reloaded from {config_path:text}"},
    {PS_K_ERROR, "terminated with signal {signal}, restarting"},
    {PS_K_ERROR, "exited with status {exit_status}, restarting"},
    {PS_K_ERROR, "exited with status {exit_status}"},
    {PS_K_DEBUG, "additional trusted authentication services: {reason}"},
    {PS_K_DEBUG, "implicit authentication service: {reason}"},
    {PS_K_WARNING, "{reason}"},
};
const struct ps_rule_table ps_rules_opendmarc = {"- opendmarc", dmarc_rules, PS_COUNT(dmarc_rules)};
