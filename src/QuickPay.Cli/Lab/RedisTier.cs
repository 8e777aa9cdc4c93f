using System.Net;
using System.Net.Sockets;
using System.Text;
using QuickPay.Cli.Local;
using static QuickPay.Cli.Lab.LabReport;

namespace QuickPay.Cli.Lab;

/// <summary>The third tier's sessions, seen from the API: a user for each who asks, and none may run the server.</summary>
internal sealed class RedisTier(RedisServer redis, LabReport report)
{
    private const string Tier = "redis";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    public async Task CheckAsync(CancellationToken cancellationToken)
    {
        var api = redis.Connection(RedisUsers.Api);
        await StepAsync(
            "The API's user logs in with its password, over TLS",
            async () =>
            {
                var answers = await AskAsync(RedisProbe.LogIn(api), "PING", "ACL WHOAMI");
                Require(answers is ["+OK", "+PONG", ..], string.Join(' ', answers));
                return $"{api.Username}@{redis.Address}: {answers[1]}";
            }
        );
        await StepAsync("Without TLS it says nothing", () => SilentAsync(cancellationToken));
        await StepAsync("Without a password it refuses", () => RefusedAsync("NOAUTH", ["PING"]));
        await StepAsync("With a wrong password it refuses", () => RefusedAsync("WRONGPASS", [RedisProbe.LogIn(api) + "x"]));
        await StepAsync("The default user cannot log in", () => RefusedAsync("WRONGPASS", ["AUTH default x"]));
        await StepAsync(
            "The API's user can neither administer nor touch what is not its own",
            async () =>
            {
                List<string> seen = [];
                foreach (var command in (string[])["FLUSHALL", "CONFIG GET *", "ACL LIST", "KEYS *", "MONITOR", "SET elsewhere 1"])
                    seen.Add($"{command}: {await RefusedAsync("NOPERM", [RedisProbe.LogIn(api), command])}");
                return string.Join("; ", seen);
            }
        );
        await StepAsync(
            "The edge's user counts requests, and sees nothing of sessions",
            async () =>
            {
                var edge = redis.Connection(RedisUsers.Edge);
                List<string> seen = [];
                foreach (var command in (string[])["LLEN qp:v1:session:1", "EVAL return 1 qp:v1:session:1", "GET rate:1", "CONFIG GET *"])
                    seen.Add($"{command}: {await RefusedAsync("NOPERM", [RedisProbe.LogIn(edge), command])}");
                return string.Join("; ", seen);
            }
        );
        await StepAsync("Redis is reached from this machine alone", () => Reach.RequireLoopbackAloneAsync([redis.Port], cancellationToken));

        // A Redis that speaks no TLS waits for the end of what it takes for a command, and we for its half of the handshake.
        Task<IReadOnlyList<string>> AskAsync(params string[] commands) =>
            RedisProbe.AskAsync(api, commands, cancellationToken).WaitAsync(Patience, cancellationToken);

        async Task<string> RefusedAsync(string error, string[] commands)
        {
            var answer = (await AskAsync(commands))[^1];
            Require(answer.StartsWith($"-{error}", StringComparison.Ordinal), answer);
            return answer;
        }
    }

    private Task StepAsync(string promise, Func<Task<string>> look) => report.StepAsync(Tier, promise, look);

    private async Task<string> SilentAsync(CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Patience);
        using var tcp = new TcpClient();
        await tcp.ConnectAsync(IPAddress.Loopback, redis.Port, limit.Token);
        var stream = tcp.GetStream();
        await stream.WriteAsync("PING\r\n"u8.ToArray(), limit.Token);
        var buffer = new byte[256];
        try
        {
            var length = await stream.ReadAsync(buffer, limit.Token);
            var text = Encoding.ASCII.GetString(buffer, 0, length);
            // A TLS alert is no word of Redis.
            Require(!text.StartsWith('+') && !text.StartsWith('-'), text);
            return length == 0 ? "it hangs up" : "it answers with a TLS alert";
        }
        catch (IOException)
        {
            return "it hangs up";
        }
    }
}
