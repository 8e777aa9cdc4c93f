using QuickPay.Caches;
using QuickPay.Hosting;
using QuickPay.Ledger;
using QuickPay.Worker;

var builder = WebApplication.CreateSlimBuilder(args);
builder.AddHostSettings();
builder.AddTracing("quickpay-worker");
builder.WebHost.UseUrls(builder.Configuration["InternalUrl"] ?? "http://127.0.0.1:9091");
builder.Services.AddLedger(builder.Configuration);
builder.Services.AddCaches(builder.Configuration);
builder.Services.AddHealth();
builder.Services.AddJobs(builder.Configuration);

var app = builder.Build();
app.MapHealth();
app.MapLeader();
await app.RunAsync();
