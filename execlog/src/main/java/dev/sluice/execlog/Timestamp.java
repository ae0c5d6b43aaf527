package dev.sluice.execlog;

/** RFC 3339 in UTC with milliseconds, written and read without allocating. */
final class Timestamp {
    /** {@code 2026-05-03T12:00:00.001Z}. */
    static final int LENGTH = 24;
    /** {@link #parse} found something else. */
    static final long INVALID = Long.MIN_VALUE;

    private static final long MAX_MS = 253_402_300_799_999L;
    private static final int MS_PER_SECOND = 1000;
    private static final int SECONDS_PER_DAY = 86_400;
    private static final int DAYS_PER_ERA = 146_097;
    private static final int YEARS_PER_ERA = 400;
    /** Days from 0000-03-01 to 1970-01-01. */
    private static final int EPOCH_SHIFT_DAYS = 719_468;
    private static final byte[] FORM = "0000-00-00T00:00:00".getBytes(java.nio.charset.StandardCharsets.US_ASCII);

    private Timestamp() {
    }

    /** Writes {@link #LENGTH} bytes; times outside of the years 1970 to 9999 are moved to their ends. */
    static void put(final byte[] target, final int offset, final long epochMs) {
        final long ms = Math.clamp(epochMs, 0, MAX_MS);
        final long seconds = ms / MS_PER_SECOND;
        final int ofDay = (int) (seconds % SECONDS_PER_DAY);
        putDate(target, offset, (int) (seconds / SECONDS_PER_DAY));
        target[offset + 10] = 'T';
        digits(target, offset + 11, 2, ofDay / 3600);
        target[offset + 13] = ':';
        digits(target, offset + 14, 2, ofDay / 60 % 60);
        target[offset + 16] = ':';
        digits(target, offset + 17, 2, ofDay % 60);
        target[offset + 19] = '.';
        digits(target, offset + 20, 3, (int) (ms % MS_PER_SECOND));
        target[offset + 23] = 'Z';
    }

    /** Replaces the milliseconds of a timestamp of the same second. */
    static void putMillis(final byte[] target, final int offset, final long epochMs) {
        digits(target, offset + 20, 3, (int) (epochMs % MS_PER_SECOND));
    }

    /** Days to year, month and day by eras of 400 years that begin in March. */
    private static void putDate(final byte[] target, final int offset, final int epochDay) {
        final int day = epochDay + EPOCH_SHIFT_DAYS;
        final int era = day / DAYS_PER_ERA;
        final int ofEra = day % DAYS_PER_ERA;
        final int yearOfEra = (ofEra - ofEra / 1460 + ofEra / 36_524 - ofEra / 146_096) / 365;
        final int ofYear = ofEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
        final int marchMonth = (5 * ofYear + 2) / 153;
        final int month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9;
        final int year = yearOfEra + era * YEARS_PER_ERA + (month <= 2 ? 1 : 0);
        digits(target, offset, 4, year);
        target[offset + 4] = '-';
        digits(target, offset + 5, 2, month);
        target[offset + 7] = '-';
        digits(target, offset + 8, 2, ofYear - (153 * marchMonth + 2) / 5 + 1);
    }

    private static void digits(final byte[] target, final int offset, final int count, final int value) {
        int rest = value;
        for (int i = count - 1; i >= 0; i--) {
            target[offset + i] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
    }

    /** Reads any RFC 3339 time with upper case T, any fraction of a second, and Z or an offset. @return milliseconds or {@link #INVALID} */
    static long parse(final byte[] text, final int length) {
        if (length < FORM.length + 1) {
            return INVALID;
        }
        for (int i = 0; i < FORM.length; i++) {
            if (FORM[i] == '0' ? !isDigit(text[i]) : text[i] != FORM[i]) {
                return INVALID;
            }
        }
        final int month = number(text, 5, 2);
        final int day = number(text, 8, 2);
        final int hour = number(text, 11, 2);
        final int minute = number(text, 14, 2);
        final int second = number(text, 17, 2);
        final int year = number(text, 0, 4);
        if (month < 1 || month > 12 || day < 1 || day > java.time.YearMonth.of(year, month).lengthOfMonth()
            || hour > 23 || minute > 59 || second > 59) {
            return INVALID;
        }
        int at = FORM.length;
        int ms = 0;
        if (text[at] == '.') {
            int scale = 100;
            final int first = ++at;
            for (; at < length && isDigit(text[at]); at++) {
                ms += (text[at] - '0') * scale;
                scale /= 10;
            }
            if (at == first) {
                return INVALID;
            }
        }
        final long offsetMinutes = offsetMinutes(text, at, length);
        if (offsetMinutes == INVALID) {
            return INVALID;
        }
        final long days = java.time.LocalDate.of(year, month, day).toEpochDay();
        return ((days * SECONDS_PER_DAY) + hour * 3600L + minute * 60L + second - offsetMinutes * 60) * MS_PER_SECOND + ms;
    }

    private static long offsetMinutes(final byte[] text, final int at, final int length) {
        if (length == at + 1 && text[at] == 'Z') {
            return 0;
        }
        final boolean form = length == at + 6 && (text[at] == '+' || text[at] == '-') && text[at + 3] == ':'
            && isDigit(text[at + 1]) && isDigit(text[at + 2]) && isDigit(text[at + 4]) && isDigit(text[at + 5]);
        if (!form || number(text, at + 1, 2) > 23 || number(text, at + 4, 2) > 59) {
            return INVALID;
        }
        final int minutes = number(text, at + 1, 2) * 60 + number(text, at + 4, 2);
        return text[at] == '-' ? -minutes : minutes;
    }

    private static boolean isDigit(final byte value) {
        return value >= '0' && value <= '9';
    }

    private static int number(final byte[] text, final int offset, final int count) {
        int value = 0;
        for (int i = 0; i < count; i++) {
            value = value * 10 + text[offset + i] - '0';
        }
        return value;
    }
}
