package dev.sluice.app;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.FileAppender;
import ch.qos.logback.core.rolling.FixedWindowRollingPolicy;
import ch.qos.logback.core.rolling.RollingFileAppender;
import ch.qos.logback.core.rolling.SizeBasedTriggeringPolicy;
import ch.qos.logback.core.util.FileSize;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/// Where the server writes what it does: people read standard error; requests and what was decided about jobs
/// go, as JSON lines, into `logs/` of the data folder.
public final class Logs {
    private static final String PLAIN = "%-5level %logger{0} - %msg%n";
    private static final String LINE = "%d{HH:mm:ss.SSS} " + PLAIN;
    private static final int FILES = 5;

    private Logs() {}

    /// Says warnings and worse on standard error, until a server knows better.
    public static void quiet() {
        console("warn");
    }

    /// Says on standard error what `settings` ask for, and writes to the data folder's files.
    public static void configure(Path dataFolder, Settings.Log settings) {
        LoggerContext context = console(settings.level());
        toFile(context, "access", dataFolder);
        toFile(context, "audit", dataFolder);
    }

    /// Says nothing, as suits a command that tells itself how it went; warnings and worse go to `logs/command.log` in
    /// the data folder, which is made with the first of them.
    public static void command(Path dataFolder) {
        var context = (LoggerContext) LoggerFactory.getILoggerFactory();
        context.reset();
        Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        root.setLevel(Level.WARN);
        var file = new AtFirstLine(dataFolder.resolve("logs").resolve("command.log"));
        file.setContext(context);
        file.start();
        root.addAppender(file);
    }

    /// A file that is opened when there is something to write.
    private static final class AtFirstLine extends AppenderBase<ILoggingEvent> {
        private final Path path;
        private @Nullable FileAppender<ILoggingEvent> file;

        AtFirstLine(Path path) {
            this.path = path;
        }

        @Override
        protected void append(ILoggingEvent event) {
            FileAppender<ILoggingEvent> open = file;
            if (open == null) {
                open = new FileAppender<>();
                open.setContext(getContext());
                open.setFile(path.toString());
                open.setEncoder(pattern((LoggerContext) getContext(), "%d " + PLAIN));
                open.start();
                file = open;
            }
            open.doAppend(event);
        }

        @Override
        public void stop() {
            if (file != null) {
                file.stop();
            }
            super.stop();
        }
    }

    private static LoggerContext console(String level) {
        var context = (LoggerContext) LoggerFactory.getILoggerFactory();
        context.reset();
        Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        root.setLevel(Level.WARN);
        root.addAppender(console(context));
        context.getLogger("dev.sluice").setLevel(Level.toLevel(level, Level.INFO));
        return context;
    }

    private static ConsoleAppender<ILoggingEvent> console(LoggerContext context) {
        var console = new ConsoleAppender<ILoggingEvent>();
        console.setContext(context);
        console.setTarget("System.err");
        console.setEncoder(pattern(context, LINE));
        console.start();
        return console;
    }

    private static PatternLayoutEncoder pattern(LoggerContext context, String line) {
        var encoder = new PatternLayoutEncoder();
        encoder.setContext(context);
        encoder.setPattern(line);
        encoder.start();
        return encoder;
    }

    /// What the logger `name` is given, JSON documents, goes to `logs/NAME.jsonl`, of which a bounded amount is
    /// kept.
    private static void toFile(LoggerContext context, String name, Path dataFolder) {
        String file = dataFolder.resolve("logs").resolve(name + ".jsonl").toString();
        var appender = new RollingFileAppender<ILoggingEvent>();
        appender.setContext(context);
        appender.setFile(file);
        appender.setEncoder(pattern(context, "%msg%n"));
        var rolling = new FixedWindowRollingPolicy();
        rolling.setContext(context);
        rolling.setParent(appender);
        rolling.setFileNamePattern(file + ".%i");
        rolling.setMinIndex(1);
        rolling.setMaxIndex(FILES);
        rolling.start();
        var trigger = new SizeBasedTriggeringPolicy<ILoggingEvent>();
        trigger.setContext(context);
        trigger.setMaxFileSize(FileSize.valueOf("16MB"));
        trigger.start();
        appender.setRollingPolicy(rolling);
        appender.setTriggeringPolicy(trigger);
        appender.start();
        Logger logger = context.getLogger(name);
        logger.setAdditive(false);
        logger.setLevel(Level.INFO);
        logger.addAppender(appender);
    }
}
