# Factors of very many levels, and many numeric columns: Rscript bench/levels.R [SHARE]
#
# SHARE of the rows and levels (1). Each fit twice, the second one counts; seconds of the clock, CPU time, and memory of R at the peak beyond the
# data; "process": memory of a fresh process beyond what it had with the data (on Linux). Beside fixest (factors absorbed: no standard errors
# of levels) and MatrixModels::glm4 (none at all) where they are installed.

suppressPackageStartupMessages(library(glmpp))
share <- as.numeric(c(commandArgs(TRUE), 1)[[1]])
threads <- 2
has <- function(package) requireNamespace(package, quietly = TRUE)

measured <- function(fit) {
  before <- gc(reset = TRUE)
  time <- system.time(made <- fit())
  after <- gc()
  list(fit = made, seconds = time[["elapsed"]], cpu = time[["user.self"]] + time[["sys.self"]], mb = sum(after[, 6]) - sum(before[, 2]))
}

timed <- function(fit) {
  fit()
  measured(fit)
}

# MB that the process has, or had at most since the last reset.
resident <- function(what) as.numeric(gsub("[^0-9]", "", grep(what, readLines("/proc/self/status"), value = TRUE))) / 1024

# What a fresh process takes for one of `alone`; NA where the system does not tell.
process_mb <- function(name) {
  script <- sub("--file=", "", grep("^--file=", commandArgs(), value = TRUE))
  told <- tryCatch(system2(file.path(R.home("bin"), "Rscript"), c(shQuote(script), share, shQuote(name)), stdout = TRUE, stderr = FALSE),
                   error = function(e) NA, warning = function(e) NA)
  as.numeric(told[length(told)])
}

measure_alone <- function(name) {
  fit <- alone[[name]]()
  glmpp(am ~ wt, binomial, mtcars, threads = threads)
  invisible(gc())
  writeLines("5", "/proc/self/clear_refs")
  before <- resident("VmRSS")
  fit()
  cat(resident("VmHWM") - before, "\n")
}

# Several fits in turns, so that what else the machine does meets all of them: medians of the clock and of CPU time, without the first turn.
in_turns <- function(fits, turns = 6) {
  times <- lapply(seq_len(turns), function(turn) vapply(fits, function(fit) {
    time <- system.time(suppressWarnings(suppressMessages(fit())))
    c(time[["elapsed"]], time[["user.self"]] + time[["sys.self"]])
  }, c(0, 0)))
  middle <- apply(simplify2array(times[-1]), 1:2, stats::median)
  for (name in names(fits)) {
    cat(sprintf("  in turns: %-34s %7.2f s, CPU %7.2f  (%.2f of ours)\n", name, middle[1, name], middle[2, name], middle[1, name] / middle[1, 1]))
  }
}

report <- function(what, timed, ...) {
  cat(sprintf("%-46s %7.2f s, CPU %7.2f, %5.0f MB%s\n", what, timed$seconds, timed$cpu, timed$mb, paste0(..., collapse = "")))
}

times <- function(seconds, ours) sprintf("  (%.2f of ours)", seconds / ours$seconds)

with_levels <- function(n, levels) {
  set.seed(1)
  x <- matrix(stats::rnorm(n * 10), n, dimnames = list(NULL, paste0("x", 1:10)))
  f <- sample(rep_len(seq_len(levels), n))
  d <- data.frame(x, f = factor(f), id = sample(5000, n, TRUE))
  d$y <- stats::rbinom(n, 1, stats::plogis(drop(x %*% (1:10 / 20)) + stats::rnorm(levels, 0, 0.5)[f]))
  # Every level has both outcomes.
  by_level <- order(f)
  first <- which(!duplicated(f[by_level]))
  d$y[by_level[first]] <- 0L
  d$y[by_level[first + 1]] <- 1L
  d
}

verbs <- function(fit, d) {
  numeric <- paste0("x", 1:10)
  asked <- list("the fit, once more" = function() update(fit), "summary()" = function() summary(fit), "predict(se.fit) of 1,000 rows" = function() predict(fit, d[1:1000, ], se.fit = TRUE),
                "vcov(which = numeric)" = function() vcov(fit, which = numeric), "the same, HC1" = function() vcov(fit, which = numeric, type = "HC1"),
                "the same, 5,000 clusters" = function() vcov(fit, which = numeric, type = "HC1", cluster = ~ id),
                "summary(vcov = \"HC1\")" = function() summary(fit, vcov = "HC1"), "confint(method = \"wald\")" = function() confint(fit, method = "wald"),
                "anova(), 11 models" = function() anova(fit), "drop1() of a numeric term" = function() drop1(fit, ~ x1, test = "Chisq"), "update(. ~ . - x10)" = function() update(fit, . ~ . - x10),
                "hatvalues()" = function() hatvalues(fit))
  # The median of three, as of single ones the collector's turn is a good part.
  seconds <- function(ask) stats::median(vapply(1:3, function(turn) system.time(ask())[["elapsed"]], 0))
  for (name in names(asked)) cat(sprintf("    %-42s %7.2f s\n", name, seconds(asked[[name]])))
  cat(sprintf("    %-42s %7.1f MB, %.1f with keep = \"summary\"\n", "saved size", length(serialize(fit, NULL)) / 1e6,
              length(serialize(update(fit, keep = "summary"), NULL)) / 1e6))
}

# Standard errors of the numeric columns and of 20 levels, by a sparse Cholesky of the information.
largest_error <- function(fit, formula, d) {
  x <- Matrix::sparse.model.matrix(formula, d)
  chosen <- c(paste0("x", 1:10), sample(setdiff(colnames(x), c("(Intercept)", paste0("x", 1:10))), 20))
  places <- match(chosen, colnames(x))
  units <- Matrix::sparseMatrix(places, seq_along(places), x = 1, dims = c(ncol(x), length(places)))
  solved <- Matrix::solve(Matrix::crossprod(x, x * as.vector(fit$weights)), units)
  errors <- sqrt(Matrix::diag(solved[places, ]))
  max(abs(coef(summary(fit))[chosen, 2] / errors - 1))
}

formula <- y ~ x1 + x2 + x3 + x4 + x5 + x6 + x7 + x8 + x9 + x10 + f

with_columns <- function(n, p) {
  set.seed(3)
  x <- matrix(stats::rnorm(n * p), n)
  data.frame(y = stats::rbinom(n, 1, stats::plogis(drop(x[, 1:20] %*% rep(0.3, 20)))), x)
}

# Functions that make data, and return one that fits them.
fit_levels <- function(levels) {
  d <- with_levels(5e5 * share, levels)
  function() glmpp(formula, binomial, d, threads = threads)
}
fit_columns <- function(p) {
  d <- with_columns(5e4 * share, p)
  function() glmpp(y ~ ., binomial, d, threads = threads)
}
alone <- list("300 levels" = function() fit_levels(300 * share), "100000 levels" = function() fit_levels(1e5 * share),
              "500 columns" = function() fit_columns(500), "1000 columns" = function() fit_columns(1000))
if (length(commandArgs(TRUE)) > 1) {
  measure_alone(commandArgs(TRUE)[2])
  quit("no")
}

cat("== logistic, n = 5e5, 10 numeric columns and a factor\n")
for (levels in c(300, 3000, 30000, 1e5) * share) {
  d <- with_levels(5e5 * share, levels)
  ours <- timed(function() glmpp(formula, binomial, d, threads = threads))
  report(sprintf("%g levels", levels), ours)
  cat(sprintf("    largest relative error of 30 standard errors %.1e\n", largest_error(ours$fit, formula[-2], d)))
  if (has("fixest")) {
    other <- timed(function() fixest::feglm(y ~ x1 + x2 + x3 + x4 + x5 + x6 + x7 + x8 + x9 + x10 | f, d, family = binomial, nthreads = threads))
    report("  fixest, absorbed", other, times(other$seconds, ours))
  }
  if (has("MatrixModels") && levels %in% (c(300, 1e5) * share)) {
    seconds <- system.time(MatrixModels::glm4(formula, binomial, d, sparse = TRUE))[["elapsed"]]
    cat(sprintf("  %-44s %7.2f s%s\n", "glm4, sparse", seconds, times(seconds, ours)))
  }
  if (levels == 1e5 * share) verbs(ours$fit, d)
}

# Effects of two factors together, row by row: how they are shared between the two is a convention.
largest_of_rows <- function(ours, theirs, d) {
  together <- function(effects) effects$f[as.character(d$f)] + effects$g[as.character(d$g)]
  max(abs(together(ours) - together(theirs)))
}

compare_absorbed <- function(d) {
  in_turns(list(glmpp = function() glmpp(y ~ x1 + x2 + absorb(f) + absorb(g), poisson, d, threads = threads),
                fixest = function() fixest::fepois(y ~ x1 + x2 | f + g, d, nthreads = threads)))
}

in_turns(list("300 levels" = fit_levels(300 * share), "100000 levels" = fit_levels(1e5 * share)), 10)
for (name in c("300 levels", "100000 levels")) cat(sprintf("  process: %-35s %5.0f MB\n", name, process_mb(name)))

cat("== Poisson, two factors and 2 numeric columns\n")
for (size in list(c(5e5, 1000, 1000), c(5e5, 3000, 500), c(2e6, 1e5, 1e4))) {
  size <- size * share
  set.seed(1)
  n <- size[1]
  d <- data.frame(x1 = stats::rnorm(n), x2 = stats::rnorm(n), f = factor(sample(rep_len(seq_len(size[2]), n))),
                  g = factor(sample(rep_len(seq_len(size[3]), n))))
  d$y <- stats::rpois(n, exp(0.2 * d$x1 - 0.1 * d$x2 + stats::rnorm(size[2], 0, 0.3)[d$f] + stats::rnorm(size[3], 0, 0.3)[d$g] + 0.5))
  is_largest <- n > 1e6 * share
  fit <- function() glmpp(y ~ x1 + x2 + f + g, poisson, d, threads = threads)
  ours <- if (is_largest) measured(fit) else timed(fit)
  report(sprintf("n = %g, %g x %g levels", n, size[2], size[3]), ours)
  if (!has("fixest")) next
  other <- timed(function() fixest::fepois(y ~ x1 + x2 | f + g, d, nthreads = threads))
  tight <- fixest::fepois(y ~ x1 + x2 | f + g, d, nthreads = threads, glm.tol = 1e-12, fixef.tol = 1e-11)
  report("  fixest, absorbed", other, times(other$seconds, ours),
         sprintf("; coefficients differ by %.1e", max(abs(coef(ours$fit)[c("x1", "x2")] - coef(tight)))))
  if (is_largest) next
  absorbed <- timed(function() glmpp(y ~ x1 + x2 + absorb(f) + absorb(g), poisson, d, threads = threads))
  report("  written with absorb()", absorbed, times(absorbed$seconds, ours),
         sprintf("; fixef() of the rows differs by %.1e", largest_of_rows(fixef(absorbed$fit), fixest::fixef(tight), d)))
  compare_absorbed(d)
}

# Levels of the one factor meet few of the other, as in a panel: projections go to and fro between them many times.
if (has("fixest")) {
  set.seed(2)
  n <- 5e5 * share
  f <- sample(3000, n, TRUE, prob = stats::rexp(3000))
  g <- pmin(500, pmax(1, round(f / 6 + 15 * stats::rnorm(n))))
  d <- data.frame(x1 = stats::rnorm(n), x2 = stats::rnorm(n), f = factor(f), g = factor(g))
  d$y <- stats::rpois(n, exp(0.2 * d$x1 + stats::rnorm(3000, 0, 0.3)[f] + stats::rnorm(500, 0, 0.3)[g] + 1))
  cat(sprintf("n = %g, 3000 x 500 levels of which few meet\n", n))
  compare_absorbed(d)
}

# Workers and the firms that they are at: what is left of the firms is sparse. A fifth of the rows is at a firm near the worker's own; where a
# hundredth is at any firm, the root fills in.
cat("== Poisson, workers and firms, 2 numeric columns; all standard errors of glmpp\n")
for (size in list(c(5e4, 5e3, 2e3, 0), c(5e5, 5e4, 2e4, 0), c(5e5, 5e4, 2e4, 0.05))) {
  set.seed(3)
  n <- size[1] * share
  workers <- size[2] * share
  firms <- size[3] * share
  f <- rep_len(seq_len(workers), n)
  home <- sample(firms, workers, TRUE)[f]
  near <- pmin(firms, pmax(1, home + sample(-3:3, n, TRUE)))
  g <- ifelse(stats::runif(n) < 0.2, ifelse(stats::runif(n) < size[4], sample(firms, n, TRUE), near), home)
  d <- data.frame(x1 = stats::rnorm(n), x2 = stats::rnorm(n), f = factor(f), g = factor(g))
  d$y <- stats::rpois(n, exp(0.2 * d$x1 + stats::rnorm(workers, 0, 0.3)[f] + stats::rnorm(firms, 0, 0.3)[g] + 3))
  ours <- timed(function() glmpp(y ~ x1 + x2 + absorb(f) + absorb(g), poisson, d, threads = threads))
  written <- glmpp(y ~ x1 + x2 + f + g, poisson, d, threads = threads)
  errors <- system.time(summary(written))[["elapsed"]]
  report(sprintf("n = %g, %g workers, %g firms%s", n, workers, firms, if (size[4] > 0) ", some far" else ""), ours,
         sprintf("; %.1e elements of the root, all standard errors %.2f s", length(.subset2(ours$fit, "qr")$root), errors))
  if (!has("fixest") || n > 5e4 * share) next
  other <- timed(function() fixest::fepois(y ~ x1 + x2 | f + g, d, nthreads = threads))
  report("  fixest, absorbed", other, times(other$seconds, ours), sprintf("; coefficients differ by %.1e", max(abs(coef(ours$fit) - coef(other$fit)))))
}

cat("== one level without events beside none, Poisson, 2 numeric columns\n")
for (size in list(c(2e4, 100), c(2e4, 300), c(2e5, 1500))) {
  set.seed(2)
  n <- size[1]
  d <- data.frame(x1 = stats::rnorm(n), x2 = stats::rnorm(n), f = factor(sample(rep_len(seq_len(size[2]), n))))
  d$y <- stats::rpois(n, exp(0.2 * d$x1 - 0.1 * d$x2 + stats::rnorm(size[2], 0, 0.3)[d$f]))
  d$y[match(levels(d$f), d$f)] <- 1L
  empty <- d
  empty$y[empty$f == levels(d$f)[7]] <- 0L
  least <- function(data) min(replicate(5, system.time(suppressWarnings(glmpp(y ~ x1 + x2 + f, poisson, data)))[["elapsed"]]))
  fit <- suppressWarnings(glmpp(y ~ x1 + x2 + f, poisson, empty))
  rest <- glmpp(y ~ x1 + x2 + f, poisson, droplevels(empty[empty$f != levels(d$f)[7], ]))
  cat(sprintf("%g levels, n = %g: %.2f of the time without it; the other coefficients differ by %.1e from those without its rows\n", size[2], n,
              least(empty) / least(d), max(abs(coef(fit)[names(coef(rest))] - coef(rest)))))
}

cat("== logistic, n = 5e4, numeric columns\n")
for (p in c(500, 1000)) {
  d <- with_columns(5e4 * share, p)
  ours <- timed(function() glmpp(y ~ ., binomial, d, threads = 1))
  mb <- process_mb(paste(p, "columns"))
  report(sprintf("%g columns, one thread", p), ours,
         sprintf(", %d passes; process %.0f MB, %.1f p x p matrices", ours$fit$solver$passes, mb, mb / (8 * p^2 / 2^20)))
}
