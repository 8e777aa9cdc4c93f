using QuickPay.Api;
using QuickPay.Api.Accounts;
using QuickPay.Api.Members;
using QuickPay.Api.OpenApi;
using QuickPay.Api.Operators;
using QuickPay.Api.Rates;
using QuickPay.Api.Sessions;
using QuickPay.Api.Statements;
using QuickPay.Api.Statistics;
using QuickPay.Api.Transfers;
using QuickPay.Caches;
using QuickPay.Hosting;
using QuickPay.Ledger;
using QuickPay.Members;
using QuickPay.Operators;
using QuickPay.Postgres;
using QuickPay.Sessions;
using QuickPay.Statistics;
using QuickPay.Telemetry;

var builder = WebApplication.CreateSlimBuilder(args);
builder.AddHostSettings();
builder.AddTracing("quickpay-api");
builder.AddHttp();
builder.Services.AddLedger(builder.Configuration);
builder.Services.AddReadReplicas(builder.Configuration);
builder.Services.AddSessions(builder.Configuration).AddSessionGate();
builder.Services.AddMembers(builder.Configuration).AddMemberJson();
builder.Services.AddStatements();
builder.Services.AddCaches(builder.Configuration);
builder.Services.AddOperators().AddOperatorGate();
builder.Services.AddRates();
builder.Services.AddStatistics();
builder.Services.AddStatementExport(builder.Configuration);
builder.Services.AddHealth();

builder.Services.AddSingleton(_ => new CounterPage(LedgerMetrics.MeterName, CacheMetrics.MeterName, PostgresMetrics.MeterName));
builder.Services.AddApiDescription();

var app = builder.Build();

// It counts from the start, not from the first look.
app.Services.GetRequiredService<CounterPage>();
app.UseRequestLog();
app.UseProblems();
app.UseStandbyGate();
app.MapHealth();
app.MapCounters();
app.MapApiDescription();
app.MapMembers();
app.MapSessions();
var accounts = app.MapAccounts();
accounts.MapStatements();
accounts.MapStatementExport();
app.MapTransfers();
app.MapRates();
app.MapOperators();
app.MapStatistics();
if (app.Services.GetRequiredService<Microsoft.Extensions.Options.IOptions<ApiOptions>>().Value.DevelopmentDeposits)
{
    app.MapDevelopmentDeposits();
}
await app.RunAsync();
