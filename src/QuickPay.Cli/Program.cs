return await QuickPay.Cli.QuickPayCommands.RunAsync(args, TimeProvider.System);
