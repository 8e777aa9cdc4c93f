using Amazon.CDK;
using QuickPay.Aws;
using QuickPay.Aws.Settings;

// `./quickpay aws` runs this, and so does the CDK CLI, which says by CDK_OUTDIR where it wants the templates.
if (
    args is not ["--env", var name, "--out", var folder]
    || Environments.All.FirstOrDefault(known => known.Name == name) is not { } settings
)
{
    await Console.Error.WriteLineAsync(
        $"Usage: QuickPay.Aws --env {string.Join('|', Environments.All.Select(known => known.Name))} --out FOLDER"
    );
    return 2;
}
var app = new App(new AppProps { Outdir = folder, AnalyticsReporting = false });
_ = new Deployment(app, settings);
app.Synth();
return 0;
