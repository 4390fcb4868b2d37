# Common slips of a call, told before R takes them for something else.

# `x | firm` and `(1 | firm)` in a formula: R's "or" of two logical columns is the only one that a glm has.
check_bars <- function(formula, data, envir = environment(formula)) {
  used <- all.names(formula)
  if (!any(used == "|", used == "||")) return(invisible())
  for (bar in bars_of(formula[[length(formula)]])) {
    sides <- lapply(as.list(bar)[2:3], quiet_value, data, envir)
    if (!all(vapply(sides, is_yes_or_no, NA))) stop_bar(bar)
  }
}

is_yes_or_no <- function(values) is.logical(values) || is.numeric(values) && length(values) > 1 && all(values %in% c(0, 1, NA))

# Through what builds formulas; not within functions of a variable.
bars_of <- function(expression) {
  if (!is.call(expression)) return(NULL)
  name <- as.character(expression[[1]])[1]
  if (name %in% c("|", "||") && length(expression) == 3) return(list(expression))
  if (name %in% c("+", "-", "*", ":", "/", "^", "%in%", "(")) unlist(lapply(as.list(expression)[-1], bars_of))
}

stop_bar <- function(bar) {
  text <- deparse1(bar)
  group <- deparse1(bar[[3]])
  varies <- deparse1(bar[[2]])
  effects <- trimws(strsplit(gsub("[()]", "", group), "+", fixed = TRUE)[[1]])
  plain <- paste(c(if (varies == "1") "..." else varies, sprintf("absorb(%s)", effects)), collapse = " + ")
  stop_glmpp("formula", sprintf("`%s` is R's \"or\": it would be one column, TRUE where either side is not 0.", text),
             i = sprintf("Fixed effects of `%s`, as fixest writes them? Here they are `%s`.", group, plain),
             i = sprintf("Random effects, as lme4 writes them? glm() has none: `lme4::glmer()` or `glmmTMB::glmmTMB()` fit `(%s)`.", text),
             i = sprintf("Meant as \"or\"? Write `I(%s)` of logical variables.", text))
}

# What users of other packages write into a formula, and what it is there.
function_of_another_package <- function(name) {
  name <- sub(".*::", "", name)
  if (name %in% c("s", "te", "ti", "t2")) return(sprintf("%s() is a smooth term: `mgcv::gam()` fits it. Here `splines::ns(x, 4)` is a curve.", name))
  if (name %in% c("lo", "random")) return(sprintf("%s() is a smooth term: `gam::gam()` fits it. Here `splines::ns(x, 4)` is a curve.", name))
  if (name %in% c("ns", "bs")) return(sprintf("It is in splines: write `splines::%s()`.", name))
  switch(name,
    strata = "Conditional logistic regression is `survival::clogit()`. As a factor: `factor(...)`.",
    cluster = "Clustered standard errors: `vcov(fit, type = \"HC1\", cluster = ~ id)`.",
    frailty = "Frailty is survival's; random effects are `lme4::glmer()`'s.",
    i = "i() is fixest's: write an interaction, `factor(a):b`."
  )
}

# Within strata() the intercepts of many small groups would be estimated, which biases the other coefficients.
warn_strata <- function(formula) {
  if (!any(all.names(formula) == "strata") || !has_strata_of_survival(formula)) return(invisible())
  warn_glmpp("formula", "strata() is a factor here, with a coefficient for each stratum.",
             i = function_of_another_package("strata"))
}

# Not a function of the user's own, nor within another term.
has_strata_of_survival <- function(formula) {
  is_qualified <- function(part) identical(part, quote(survival::strata))
  own <- get0("strata", environment(formula) %||% globalenv(), mode = "function")
  is_survival <- !is.null(own) && identical(environmentName(environment(own)), "survival")
  terms <- function(part) {
    if (!is.call(part)) return(FALSE)
    if (is_qualified(part[[1]])) return(TRUE)
    name <- if (is.symbol(part[[1]])) as.character(part[[1]]) else ""
    if (name == "strata") return(is_survival)
    name %in% c("+", "-", "*", ":", "/", "^", "%in%", "(") && any(vapply(as.list(part)[-1], terms, NA))
  }
  terms(formula[[length(formula)]])
}

file_remedy <- function(data) {
  if (!is.character(data) || !length(data)) return(NULL)
  file <- if (length(data) == 1) dQuote(data, FALSE) else "files"
  if (all(grepl("\\.(parquet|pq)$", data, ignore.case = TRUE))) return(sprintf("Rows of Parquet files: `data = parquet_chunks(%s)`.", file))
  if (all(grepl("\\.(csv|tsv|txt)(\\.gz)?$", data, ignore.case = TRUE))) {
    return(sprintf("Rows of files: `data = csv_chunks(%s)`, or `read.csv()` first.", file))
  }
  if (length(data) == 1) sprintf("Its name without quotes: `data = %s`.", data)
}

row_arguments <- c("weights", "offset", "etastart", "mustart", "subset")

# `weights = "w"`, `weights = ~ w`, `subset = "x > 0"`.
check_row_arguments <- function(call, data, envir) {
  for (name in row_arguments[row_arguments %in% names(call)]) {
    expression <- call[[name]]
    value <- if (is.symbol(expression)) tryCatch(eval(expression, data, envir), error = function(e) NULL) else expression
    if (is.call(value) && identical(value[[1]], quote(`~`))) stop_row_formula(name, value)
    if (is.character(value) && !(name == "subset" && names_rows(value, data))) stop_row_text(name, value)
  }
}

names_rows <- function(value, data) is.data.frame(data) && all(value %in% c(row.names(data), NA))

stop_row_formula <- function(name, value) {
  stop_glmpp(row_argument_class(name),
             sprintf("`%s` must be an expression in the variables of `data`, not a formula.", name),
             x = sprintf("It is the formula `%s`.", deparse1(value)), i = sprintf("Write `%s = %s`.", name, deparse1(value[[length(value)]])))
}

stop_row_text <- function(name, value) {
  stop_glmpp(row_argument_class(name),
             sprintf("`%s` must be %s, not text.", name, if (name == "subset") "a condition on the rows" else "numbers"),
             x = sprintf("It is %s.", comma(dQuote(value, FALSE), 3)),
             i = if (length(value) == 1) sprintf("Write it without quotes: `%s = %s`.", name, value),
             i = if (name == "subset") "Text chooses rows by their names, and there are none of this name.")
}

# An offset of counts' size under a log link: with its logarithm the common mean fits better than with no offset, with itself
# worse. Deviances of the common mean, of a Poisson response; twice the log-likelihood ratio of 10 is no accident.
warn_raw_exposure <- function(response, family, expressions) {
  offset <- response$offset
  is_asked <- responds_with_counts(family) && identical(family$link, "log") && !"log" %in% expressions
  if (!is_asked || !length(offset) || !all(offset > 0)) return(invisible())
  weights <- full_weights(response)
  loss <- function(offset) {
    share <- exp(offset - max(offset))
    mean <- share * sum(weights * response$y) / sum(weights * share)
    2 * sum(weights * (mean - ifelse(response$y > 0, response$y * log(mean), 0)))
  }
  none <- loss(0 * offset)
  likely <- 10
  # No logarithms of exposures are so far apart.
  most_range <- 30
  is_raw <- max(offset) - min(offset) > most_range ||
    loss(offset) - loss(log(offset)) > likely && loss(offset) > none && none > loss(log(offset))
  if (!isTRUE(is_raw)) return(invisible())
  warn_glmpp("offset", "The offset looks like an exposure, not like its logarithm.",
             x = sprintf("Under the log link it multiplies the means by exp(offset), here by %.3g to %.3g.", exp(min(offset)), exp(max(offset))),
             i = "Write `offset = log(exposure)`.")
}

row_argument_class <- function(name) {
  switch(name, weights = , offset = name, etastart = , mustart = "start", "argument")
}
