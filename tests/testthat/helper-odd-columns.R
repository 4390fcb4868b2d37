# Random calls on columns of unusual classes, beside glm(). Each case: a data set, a formula from a grammar, weights, offset, subset,
# missing values, new rows.

# The same rows twice: as they are, and with doubles for integer64, which glm() would read by its bits.
odd_data <- function(rows) {
  x <- round(rnorm(rows), 2)
  counts <- rpois(rows, 9) + 1
  codes <- sample(c(1:4, 9), rows, TRUE)
  start <- as.POSIXct("2024-01-10 06:00:00", tz = "UTC")
  odd <- data.frame(x = x, g = factor(sample(c("b", "a", "c d"), rows, TRUE), levels = c("c d", "a", "b")), text = sample(c("u", "v"), rows, TRUE),
                    flag = x + rnorm(rows) > 0, day = as.Date("2024-01-01") + sample(90, rows, TRUE), time = start + 3600 * sample(500, rows, TRUE))
  odd$grade <- factor(sample(c("low", "mid", "high"), rows, TRUE), levels = c("low", "mid", "high"), ordered = TRUE)
  odd$wait <- as.difftime(as.numeric(sample(40, rows, TRUE)), units = sample(c("hours", "days", "mins"), 1))
  odd$kept <- I(runif(rows, 1, 3))
  odd$tab <- as.table(structure(sample(5, rows, TRUE) + 0, dim = rows))
  odd$series <- stats::ts(round(cumsum(rnorm(rows)), 2), start = 1990, frequency = 12)
  odd$M <- cbind(a = rnorm(rows), b = runif(rows))
  odd$inner <- data.frame(p = rnorm(rows), q = rpois(rows, 4))
  odd$big <- counts
  odd$item <- as.double(codes)
  odd$lab <- as.double(sample(1:3, rows, TRUE))
  odd$metres <- runif(rows, 2, 9)
  odd$whole <- sample(20, rows, TRUE)
  for (name in sample(c("x", "item", "big", "g", "day", "wait", "whole"), 2)) odd[[name]][sample(rows, 2)] <- NA
  if (requireNamespace("haven", quietly = TRUE)) {
    odd$item <- haven::labelled_spss(odd$item, c(good = 1, refused = 9), na_values = 9)
    odd$lab <- haven::labelled(odd$lab, c(no = 1, yes = 2, "not known" = 3))
  }
  if (requireNamespace("units", quietly = TRUE)) odd$metres <- units::set_units(odd$metres, "m")
  plain <- odd
  if (requireNamespace("bit64", quietly = TRUE)) odd$big <- bit64::as.integer64(odd$big)
  eta <- 0.3 * ifelse(is.na(x), 0, x) + 0.2 * odd$flag
  for (name in c("odd", "plain")) {
    d <- get(name)
    d$count <- with_seed_of(rows, rpois(rows, exp(0.5 + eta)))
    d$size <- with_seed_of(rows, rgamma(rows, 4, 4 / exp(eta)))
    d$yes <- with_seed_of(rows, rbinom(rows, 1, stats::plogis(eta)))
    d$trials <- with_seed_of(rows, rpois(rows, 5) + 3)
    d$hits <- with_seed_of(rows, rbinom(rows, d$trials, stats::plogis(eta)))
    d$level <- with_seed_of(rows, 2 + eta + rnorm(rows))
    assign(name, d)
  }
  list(odd = odd, plain = plain)
}

with_seed_of <- function(seed, value) {
  old <- get0(".Random.seed", globalenv(), inherits = FALSE)
  on.exit(if (is.null(old)) rm(".Random.seed", envir = globalenv()) else assign(".Random.seed", old, envir = globalenv()))
  set.seed(seed)
  force(value)
}

odd_predictors <- c(
  "x", "g", "text", "flag", "day", "time", "grade", "wait", "kept", "tab", "series", "M", "big", "item", "lab", "metres", "inner$p",
  "log(big)", "I(big / 3)", "I(big^2)", "factor(big > 9)", "as.numeric(day)", "as.numeric(wait)", "I(as.numeric(day) / 30)", "factor(item)",
  "factor(lab)", "poly(whole2, 2)", "scale(kept)", "I(x^2)", "as.numeric(metres)", "I(metres)", "as.integer(grade)", "log(kept)", "sqrt(tab)",
  "as.numeric(series)", "I(M[, 1])", "cut(as.numeric(lab), c(0, 1.5, 4))", "relevel(g, ref = \"a\")", "is.na(item)", "as.numeric(item)",
  "months(day)", "format(day, \"%m\")", "as.numeric(time)", "pmin(big, 8)", "ifelse(flag, kept, 0)", "inner$q", "x:g", "big:flag", "item * x",
  "wait:flag", "grade:x", "lab + x", "M:flag", "splines::ns(kept, 3)", "I(item)", "I(lab)", "zapsmall(x)"
)

odd_responses <- list(
  gaussian = c("level", "log(size)", "I(level)", "series", "item", "kept", "big", "lab", "tab", "metres", "M[, 1]"),
  poisson = c("count", "big", "I(count)", "item", "tab", "lab"), quasipoisson = c("count", "big", "item"),
  binomial = c("yes", "flag", "factor(yes)", "cbind(hits, trials - hits)", "g == \"a\"", "lab == 1", "big > 9", "item > 2"),
  Gamma = c("size", "big", "item", "kept", "metres")
)

pick <- function(values, share = 0.5) if (stats::runif(1) < share) sample(values, 1)

# A call of `fit` in variables of `data`.
odd_call <- function() {
  family <- sample(names(odd_responses), 1)
  right <- unique(sample(odd_predictors, sample(1:3, 1)))
  if (stats::runif(1) < 0.15) right <- c(right, sprintf("offset(%s)", sample(c("log(big)", "kept", "I(x / 5)", "log(trials)"), 1)))
  formula <- stats::as.formula(paste(sample(odd_responses[[family]], 1), "~", paste(right, collapse = " + "), pick("- 1", 0.1)))
  family <- if (family == "Gamma") quote(Gamma("log")) else as.name(family)
  call <- as.call(list(quote(fit), formula, family, quote(data)))
  call$weights <- str2lang(pick(c("big", "item", "trials", "whole2", "kept", "lab", "tab"), 0.25) %||% "NULL")
  call$offset <- str2lang(pick(c("log(big)", "kept / 9", "x / 9", "series / 50", "as.numeric(wait) / 1000"), 0.15) %||% "NULL")
  call$subset <- str2lang(pick(c("x > -1.5", "big > 4", "flag", "item < 4", "day > as.Date(\"2024-01-08\")", "lab != 2", "-(1:5)"), 0.25) %||% "NULL")
  call$na.action <- pick(c("na.exclude", "na.omit"), 0.2)
  call
}

# "same", "refused", "no reference" or what differs.
odd_case <- function(seed) {
  set.seed(seed)
  rows <- sample(c(40, 90, 150), 1)
  data <- odd_data(rows)
  for (name in names(data)) data[[name]]$whole2 <- with_seed_of(rows + 1, sample(20, rows, TRUE))
  call <- odd_call()
  chosen <- sample(rows, 12)
  ours <- heard(eval(call, list(fit = glmpp::glmpp, data = data$odd)))
  tight <- call
  tight$epsilon <- 1e-12
  tight$maxit <- 100
  theirs <- heard(eval(tight, list(fit = stats::glm, data = data$plain)))
  outcome <- compare_odd(ours, theirs, data, chosen)
  list(seed = seed, call = deparse1(call), outcome = outcome, message = if (inherits(ours$value, "error")) conditionMessage(ours$value))
}

heard <- function(expression) {
  classes <- character()
  value <- withCallingHandlers(tryCatch(expression, error = identity), warning = function(w) {
    classes <<- c(classes, class(w)[1])
    invokeRestart("muffleWarning")
  })
  list(value = value, warnings = classes)
}

# glm() predicts from the codes of missing values.
missing_rows_of <- function(fit, new) {
  frame <- stats::model.frame(stats::delete.response(stats::terms(fit)), new, na.action = stats::na.pass)
  rowSums(vapply(frame, function(column) rowSums(as.matrix(is.na(column))) > 0, logical(nrow(new)))) > 0
}

compare_odd <- function(ours, theirs, data, chosen) {
  if (inherits(ours$value, "glmpp_error")) return(if (inherits(theirs$value, "error")) "both refused" else "refused")
  if (inherits(ours$value, "error")) return("an error without a class")
  if (inherits(theirs$value, "error")) return("no reference")
  ours_fit <- ours$value
  fit <- theirs$value
  if (!fit$converged || fit$boundary || any(grepl("separation|convergence|boundary|extreme", ours$warnings))) return("no reference")
  # glm() keeps columns that are combinations of others up to rounding.
  if (kappa(fit) > 1e10) return("no reference")
  close <- function(a, b, tolerance = 1e-6) {
    a <- as.vector(a)
    b <- as.vector(b)
    length(a) == length(b) && identical(is.na(unname(a)), is.na(unname(b))) &&
      max(0, abs(a - b), na.rm = TRUE) <= tolerance * max(1, abs(b), na.rm = TRUE)
  }
  new <- function(which) data[[which]][chosen, , drop = FALSE]
  by_us <- heard(stats::predict(ours_fit, new("odd")))
  by_glm <- heard(stats::predict(fit, new("plain")))
  if (!inherits(by_glm$value, "error")) by_glm$value[missing_rows_of(fit, new("plain"))] <- NA
  as_ours <- !inherits(by_us$value, "error") && !inherits(by_glm$value, "error")
  different <- c(
    if (!identical(is.na(unname(coef(ours_fit))), is.na(unname(coef(fit))))) "aliased",
    if (!close(fitted(ours_fit), fitted(fit), 1e-5)) "fitted", if (!close(deviance(ours_fit), deviance(fit), 1e-7)) "deviance",
    if (!anyNA(coef(fit)) && !close(coef(ours_fit), coef(fit), 1e-4)) "coefficients",
    if (nobs(ours_fit) != nobs(fit)) "nobs", if (!identical(names(coef(ours_fit)), names(coef(fit)))) "names",
    if (inherits(by_us$value, "error") && !inherits(by_us$value, "glmpp_error")) "an error of predict() without a class",
    if (as_ours && !close(by_us$value, by_glm$value, 1e-5)) "predictions"
  )
  if (length(different)) paste(different, collapse = ", ") else "same"
}
