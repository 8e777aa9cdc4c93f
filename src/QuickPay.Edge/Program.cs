await QuickPay.Edge.EdgeApp.Create(args).RunAsync();
