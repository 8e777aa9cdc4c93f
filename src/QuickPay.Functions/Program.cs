using System.Collections;
using QuickPay.Functions;
using QuickPay.Functions.Runtime;
using QuickPay.Functions.Setup;
using QuickPay.Functions.Statistics;
using QuickPay.Functions.TokenKeys;

// Several functions, one executable: Lambda names the one that is meant in _HANDLER.
var settings = new FunctionSettings(
    Environment
        .GetEnvironmentVariables()
        .Cast<DictionaryEntry>()
        .ToDictionary(variable => (string)variable.Key, variable => (string?)variable.Value ?? "")
);
if (settings.Find("AWS_LAMBDA_RUNTIME_API") is not { } address)
{
    await Console.Error.WriteLineAsync("AWS_LAMBDA_RUNTIME_API is not set: this program is started by AWS Lambda.");
    return 2;
}
var time = TimeProvider.System;
using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false });
http.Timeout = Timeout.InfiniteTimeSpan;
using var runtime = new RuntimeApi(address);
var log = new JsonLog(Console.Out, time);
try
{
    IFunction? function = settings.Find("_HANDLER") switch
    {
        "setup" => new SetupFunction(settings, http, log, time),
        "token-key" => new TokenKeyFunction(settings, http, log, time),
        "statistics" => new StatisticsFunction(settings, Console.Out, time),
        _ => null,
    };
    if (function is not null)
    {
        return await new RuntimeLoop(runtime, log, time).RunAsync(function);
    }
    await runtime.FailInitAsync(new FunctionError("Runtime.UnknownHandler", "_HANDLER is none of setup, statistics and token-key."));
    await Console.Error.WriteLineAsync("_HANDLER is none of setup, statistics and token-key.");
}
catch (RuntimeApiException e)
{
    await Console.Error.WriteLineAsync($"Lambda's runtime interface: {e.Message}");
}
return 1;
