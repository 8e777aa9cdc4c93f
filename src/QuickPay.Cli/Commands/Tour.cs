using QuickPay.Cli.Local;
using QuickPay.Cli.Local.Zones;

namespace QuickPay.Cli.Commands;

/// <summary>What `up` prints when all is ready: where things are, and commands to paste that send money.</summary>
internal static class Tour
{
    public static string Text(LocalStack stack, DataFolder data) =>
        $$"""

            QuickPay is up. Ctrl-C stops everything.

              QuickPay   {{string.Join("  ", stack.EdgeUrls)}}
              Docs       {{stack.EdgeUrls[0]}}/docs
              Authority  {{data.RootCertificate}}
              API        {{string.Join("  ", stack.ApiUrls)}} (past the edge, for developers)
              Inside     {{InsideOf(stack)}}/servers, /counters
              Data       {{data.Root}}
              Logs       {{data.Logs}}
              Database   ./quickpay psql

            {{SendMoney(stack.EdgeUrls[0], data)}}
            """;

    public static string Text(ZonedStack stack) =>
        $"""

            QuickPay is up in three zones. Ctrl-C stops everything.

              QuickPay   {string.Join("  ", stack.EdgeUrls)}
              Docs       {stack.EdgeUrls[0]}/docs
              Authority  {stack.Data.RootCertificate}
              Zones      {string.Join("  ", stack.Network.Zones.Select(zone => $"{zone.Name} {zone.Address}"))}{(
                stack.Network.CanBeCut ? "" : " (addresses of loopback: a zone can be stopped, not cut off; that takes root)"
            )}
              Roles      ./quickpay status --watch
              Data       {stack.Data.Root}
              Logs       {stack.Data.Logs}
              Database   ./quickpay psql (finds the primary)
              Break it   ./quickpay drill list (on a stack of its own)

            {SendMoney(stack.EdgeUrls[0], stack.Data)}
            """;

    private static string SendMoney(string edge, DataFolder data) =>
        $$"""
            Two members, and money from one to the other (paste it into a shell):

              api={{edge}}
              call() { curl -sS --cacert "{{data.RootCertificate}}" "$@"; }
              post() { call -H 'Content-Type: application/json' -H "Authorization: Bearer ${token:-}" -H "Idempotency-Key: $(cat /proc/sys/kernel/random/uuid)" "$api$1" -d "$2"; echo; }
              field() { grep -o "\"$1\":\"[^\"]*" | head -1 | cut -d'"' -f4; }
              post /v1/members '{"phone":"+821023456789","name":"김하나","password":"correct horse battery","pin":"493817"}'
              post /v1/members '{"phone":"+821034567890","name":"이두리","password":"staple wagon orbit","pin":"274951"}'
              token=$(post /v1/sessions '{"phone":"+821023456789","password":"correct horse battery"}' | field accessToken)
              wallet=$(call -H "Authorization: Bearer $token" $api/v1/accounts | field id)
              post /v1/accounts/$wallet/deposits '{"amount":100000,"currency":"KRW"}'
              post /v1/transfers '{"fromAccountId":"'$wallet'","to":{"phone":"+821034567890"},"amount":30000,"currency":"KRW","memo":"점심"}'
              call -H "Authorization: Bearer $token" $api/v1/accounts/$wallet/balance

            """;

    /// <summary>Where the edge is looked after from.</summary>
    private static string InsideOf(LocalStack stack) => stack.Hosts.First(host => host.Role == "edge").HealthUrl;
}
