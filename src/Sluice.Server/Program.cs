using Sluice.Server.Hosting;

var app = SluiceHost.Build(new SluiceOptions());
await app.RunAsync();
