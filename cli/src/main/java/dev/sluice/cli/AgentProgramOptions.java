package dev.sluice.cli;

import dev.sluice.agent.AgentContext;
import java.nio.file.Path;
import java.time.Duration;
import picocli.CommandLine.Option;

/** What an agent is told about the programs that it runs. */
final class AgentProgramOptions {
    @Option(names = "--user", paramLabel = "USER[:GROUP]",
        description = "Who programs run as whose request names nobody: a user of the guest, by name or number. "
            + "Default: whoever the agent runs as.")
    private String user;

    @Option(names = "--no-new-privs",
        description = "Programs never gain privileges by executing a file, whatever its set-user-ID bit says.")
    private boolean noNewPrivileges;

    @Option(names = "--keep-background", description = "Lets processes that a program leaves behind live on.")
    private boolean keepBackground;

    @Option(names = "--max-sessions", paramLabel = "N", description = "How many programs may run at once.")
    private Integer maxSessions;

    @Option(names = "--start-deadline", paramLabel = "TIME", converter = TimeConverter.class,
        description = "How long the start of a program may take before it fails. Default: 30s.")
    private Duration startDeadline;

    @Option(names = "--drain-deadline", paramLabel = "TIME", converter = TimeConverter.class,
        description = "How long what a program has left behind may keep its output open before that is cut off. Default: 5s.")
    private Duration drainDeadline;

    @Option(names = "--host-grace", paramLabel = "TIME", converter = TimeConverter.class,
        description = "How long programs run on when their relay has gone and the agent waits for the next; 0: not at all. Default: 60s.")
    private Duration hostGrace;

    @Option(names = "--cgroup", paramLabel = "DIR",
        description = "Gives each program a control group in DIR, of a version 2 hierarchy: nothing that it starts outlives it.")
    private String controlGroup;

    @Option(names = "--cgroup-pids", paramLabel = "N", converter = NumberConverter.FromOne.class,
        description = "How many processes and threads a program and what it starts may be. Needs --cgroup.")
    private Long maxProcesses;

    @Option(names = "--cgroup-memory", paramLabel = "BYTES", converter = NumberConverter.FromOne.class,
        description = "How much memory a program and what it starts may use. Needs --cgroup.")
    private Long maxMemory;

    /** Hands over what the command line set. */
    void apply(final AgentContext context) {
        context.keepBackground(keepBackground);
        context.programs().noNewPrivileges(noNewPrivileges);
        if (user != null) {
            context.programs().defaultUser(RawArguments.bytes(user));
        }
        if (maxSessions != null) {
            context.maxSessions(maxSessions);
        }
        if (startDeadline != null) {
            context.programs().startDeadline(startDeadline);
        }
        if (drainDeadline != null) {
            context.drainDeadline(drainDeadline);
        }
        if (hostGrace != null) {
            context.host().grace(hostGrace);
        }
        if (controlGroup != null) {
            context.programs().controlGroups().directory(Path.of(RawArguments.path("--cgroup", controlGroup)));
        }
        if (maxProcesses != null) {
            context.programs().controlGroups().maxProcesses(maxProcesses);
        }
        if (maxMemory != null) {
            context.programs().controlGroups().maxMemory(maxMemory);
        }
    }
}
