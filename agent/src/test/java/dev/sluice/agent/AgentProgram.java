package dev.sluice.agent;

import dev.sluice.port.PortAddress;
import java.io.IOException;

/** An agent in a process of its own, to be killed. */
final class AgentProgram {
    private AgentProgram() {
    }

    /** @param arguments address of the port, whether to adopt orphans */
    public static void main(final String[] arguments) throws IOException {
        final AgentContext context = new AgentContext().portAddress(PortAddress.parse(arguments[0]))
            .adoptOrphans(Boolean.parseBoolean(arguments[1]));
        try (Agent agent = new Agent(context)) {
            agent.run();
            System.out.println("reaped=" + agent.counters().get(AgentCounter.ORPHANS_REAPED));
        }
    }
}
