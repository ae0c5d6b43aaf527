package dev.sluice.ffi.fault;

/**
 * Decides what goes wrong when. A lambda over a seeded random generator makes a random one. Called on the thread that makes the call.
 */
@FunctionalInterface
public interface FaultSchedule {
    /** Nothing goes wrong. */
    FaultSchedule NEVER = (call, nth, nthOfAll) -> Fault.NONE;

    /**
     * Decides about one call.
     *
     * @param call which call
     * @param nth how often it has been called, this time included: 1 for the first
     * @param nthOfAll how many calls there have been, this one included
     * @return what goes wrong, {@link Fault#NONE} for nothing
     */
    Fault at(Call call, long nth, long nthOfAll);

    /**
     * One fault, at one of the calls of a kind.
     *
     * @param call which call
     * @param nth 1 for the first
     * @param fault what goes wrong
     * @return the schedule
     */
    static FaultSchedule onNth(final Call call, final long nth, final Fault fault) {
        return (made, number, numberOfAll) -> made == call && number == nth ? fault : Fault.NONE;
    }

    /**
     * One fault, at one of all calls.
     *
     * @param nth 1 for the first
     * @param fault what goes wrong
     * @return the schedule
     */
    static FaultSchedule onNthOfAll(final long nth, final Fault fault) {
        return (made, number, numberOfAll) -> numberOfAll == nth ? fault : Fault.NONE;
    }

    /**
     * The same fault at every call of a kind.
     *
     * @param call which call
     * @param fault what goes wrong
     * @return the schedule
     */
    static FaultSchedule always(final Call call, final Fault fault) {
        return (made, number, numberOfAll) -> made == call ? fault : Fault.NONE;
    }

    /**
     * Two schedules in one.
     *
     * @param other asked when this one has nothing go wrong
     * @return the schedule
     */
    default FaultSchedule or(final FaultSchedule other) {
        return (call, nth, nthOfAll) -> {
            final Fault fault = at(call, nth, nthOfAll);
            return Fault.NONE.equals(fault) ? other.at(call, nth, nthOfAll) : fault;
        };
    }
}
