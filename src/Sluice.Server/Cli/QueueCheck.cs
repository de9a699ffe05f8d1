using Sluice.Server.Hosting;
using Sluice.Server.Jobs.RabbitMq;

namespace Sluice.Server.Cli;

/// <summary>Tries the broker, where one is given.</summary>
internal static class QueueCheck
{
    private const string Subject = "queue";

    /// <summary>What was found; nothing where work is announced within one process.</summary>
    public static async Task<IReadOnlyList<Finding>> OfAsync(QueueOptions queue, CancellationToken ct)
    {
        if (queue.Url is null)
        {
            return [];
        }

        try
        {
            var (version, trouble) = await RabbitMqSetup.TryAsync(queue, ct);
            return
            [
                trouble is null
                    ? new Finding(Severity.Ok, Subject, $"the broker answers ({version}), its queues can be made")
                    : new Finding(Severity.Warn, Subject, $"the broker is not usable: {trouble.TrimEnd('.')}; work is found seconds later", "look at queue.url and at the broker"),
            ];
        }
        catch (SetupException e)
        {
            return [new Finding(Severity.Fail, Subject, e.Message.TrimEnd('.'))];
        }
    }
}
