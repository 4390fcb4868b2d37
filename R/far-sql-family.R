# Row models in SQL: from eta, y, wt (and ofs) the columns of a pass, in stages; each stage is a subquery that can
# use the columns of those before. LN stands for the dialect's natural logarithm.

# stages    lists of named expressions that end in mean, slope (dmu/deta) and, for the binomial, complement (1 - mean)
# slope     dmu/deta where it is said more simply
# valid     the rows where the link is defined; the stages see `eta` there and a harmless value elsewhere
# harmless  that value
# Bounds keep exp() and products of its values within the range of doubles: PostgreSQL makes an error of overflow and underflow.
link_stages <- list(
  logit = list(valid = "ABS(eta) < 1e9", harmless = 0, stages = list(
    c(tail = "EXP(-CASE WHEN ABS(eta) < 300 THEN ABS(eta) ELSE 300 END)"),
    c(mean = "CASE WHEN eta >= 0 THEN 1 / (1 + tail) ELSE tail / (1 + tail) END",
      complement = "CASE WHEN eta >= 0 THEN tail / (1 + tail) ELSE 1 / (1 + tail) END")), slope = "(mean * complement)"),
  probit = list(valid = "ABS(eta) < 1e9", harmless = 0, stages = list(
    c(bounded = "CASE WHEN eta > 20 THEN 20 WHEN eta < -20 THEN -20 ELSE eta END"),
    c(mean = "ERFC(-bounded * 0.70710678118654752) / 2", complement = "ERFC(bounded * 0.70710678118654752) / 2",
      slope = "EXP(-bounded * bounded / 2) * 0.39894228040143268"))),
  cloglog = list(valid = "ABS(eta) < 1e9", harmless = 0, stages = list(
    c(hazard = "EXP(CASE WHEN eta > 5.5 THEN 5.5 WHEN eta < -300 THEN -300 ELSE eta END)"),
    c(complement = "EXP(-hazard)"),
    # 1 - exp(-h) by its series where the difference would lose digits.
    c(mean = paste("CASE WHEN hazard < 1e-3 THEN hazard * (1 - hazard / 2 * (1 - hazard / 3 * (1 - hazard / 4 * (1 - hazard / 5))))",
                   "ELSE 1 - complement END"),
      slope = "hazard * complement"))),
  log = list(valid = "eta < 300", harmless = 0, stages = list(
    c(mean = "EXP(CASE WHEN eta < -300 THEN -300 ELSE eta END)")), slope = "mean"),
  identity = list(valid = "ABS(eta) < 1e100", harmless = 0.5, stages = list(c(mean = "eta")), slope = "1"),
  inverse = list(valid = "ABS(eta) > 1e-100", harmless = 1, stages = list(c(mean = "1 / eta", slope = "-1 / (eta * eta)"))),
  sqrt = list(valid = "eta > 1e-100 AND eta < 1e100", harmless = 1, stages = list(c(mean = "eta * eta", slope = "2 * eta"))),
  `1/mu^2` = list(valid = "eta > 1e-100 AND eta < 1e100", harmless = 1, stages = list(
    c(mean = "1 / SQRT(eta)"), c(slope = "-mean / (2 * eta)")))
)

# difference  y - mu, deviance the unit deviance, positive and below_one: where the mean must be
variance_terms <- list(
  constant = list(variance = "1", deviance = "(y - mean) * (y - mean)"),
  `mu(1-mu)` = list(variance = "(mean * complement)", difference = "(y * complement - (1 - y) * mean)",
                    positive = TRUE, below_one = TRUE,
                    deviance = paste("2 * (CASE WHEN y > 0 THEN y * LN(y / mean) ELSE 0 END",
                                     "+ CASE WHEN y < 1 THEN (1 - y) * LN((1 - y) / complement) ELSE 0 END)")),
  mu = list(variance = "mean", positive = TRUE,
            deviance = "2 * (CASE WHEN y > 0 THEN y * LN(y / mean) ELSE 0 END - (y - mean))"),
  `mu^2` = list(variance = "(mean * mean)", positive = TRUE,
                deviance = "-2 * (LN(y / mean) - (y - mean) / mean)"),
  `mu^3` = list(variance = "(mean * mean * mean)", positive = TRUE, deviance = "(y - mean) * (y - mean) / (mean * mean * y)"),
  # Functions of the family's own parameter. `likelihood`: what sums of the likelihood have of the mean, where they are known.
  `mu+mu^2/theta` = function(theta) {
    at <- function(sql) named(gsub("\\btheta\\b", theta, sql), names(sql))
    list(variance = at("(mean + mean * mean / theta)"), positive = TRUE,
         deviance = at(paste("2 * (CASE WHEN y > 0 THEN y * LN(y / mean) ELSE 0 END",
                             "- (y + theta) * LN((y + theta) / (mean + theta)))")),
         likelihood = at(c(log_likelihood = "(y * LN(mean / theta) - (y + theta) * LN(1 + mean / theta))",
                           parameter_score = "((mean - y) / (mean + theta) - LN(1 + mean / theta))",
                           parameter_information = "((2 - (y + theta) / (mean + theta)) / (mean + theta) - 1 / theta)")))
  },
  # Less what is the same for all means where y = 0.
  `mu^p` = function(power) {
    at <- function(sql) gsub("\\bpower\\b", power, sql)
    list(variance = at("EXP(power * LN(mean))"), positive = TRUE,
         deviance = at(paste(
           "2 * (CASE WHEN y > 0 THEN (EXP((2 - power) * LN(CASE WHEN y > 0 THEN y ELSE 1 END)) / (1 - power)",
           "- EXP((2 - power) * LN(mean)) / (1 - power) - (y - mean) * EXP((1 - power) * LN(mean)) * (2 - power) / (1 - power)) / (2 - power)",
           "ELSE EXP((2 - power) * LN(mean)) / (2 - power) - y * EXP((1 - power) * LN(mean)) / (1 - power) END)")))
  }
)

family_terms <- function(family, database) {
  native <- native_family(family)
  link <- if (!is.null(native)) link_stages[[native$link]]
  variance <- if (!is.null(native)) variance_terms[[native$variance]]
  if (is.function(variance)) variance <- variance(quote_number(database, native$theta))
  if (is.null(link) || is.null(variance)) stop_family_in_sql(family, "Its formulas are not among those that can be said in SQL.")
  terms <- c(variance, link[c("stages", "valid", "harmless")])
  terms$difference <- variance$difference %||% "(y - mean)"
  weight_terms(bounded_mean(terms, native$link), link$slope %||% "slope")
}

# The residual of the score and the working weight, which the canonical links make simpler.
weight_terms <- function(terms, slope) {
  is_canonical <- slope == terms$variance
  terms$residual <- if (is_canonical) terms$difference else sprintf("%s * %s / %s", slope, terms$difference, terms$variance)
  terms$weight <- if (is_canonical) terms$variance else sprintf("%s * %s / %s", slope, slope, terms$variance)
  terms
}

# Links under which the mean can leave its range: the condition on eta, and a complement.
bounded_mean <- function(terms, link) {
  below <- list(identity = "eta > 1e-100", inverse = "eta > 1e-100")[[link]]
  above <- list(identity = "eta < 1", log = "eta < 0", inverse = "eta > 1", sqrt = "eta < 1", `1/mu^2` = "eta > 1")[[link]]
  if (isTRUE(terms$positive) && !is.null(below)) terms$valid <- paste(terms$valid, "AND", below)
  if (!isTRUE(terms$below_one) || is.null(above)) return(terms)
  terms$valid <- paste(terms$valid, "AND", above)
  terms$harmless <- c(identity = 0.5, log = -1, inverse = 2, sqrt = 0.5, `1/mu^2` = 4)[[link]]
  complement <- if (link == "log") {
    "CASE WHEN eta > -1e-3 THEN -eta * (1 + eta / 2 * (1 + eta / 3 * (1 + eta / 4 * (1 + eta / 5)))) ELSE 1 - mean END"
  } else "1 - mean"
  terms$stages <- c(terms$stages, list(c(complement = complement)))
  terms
}

stop_family_in_sql <- function(family, reason) {
  stop_glmpp("pushdown", sprintf("The %s family with the %s link can't be summed in the database.", family$family, family$link),
             x = reason, i = "`in_database(..., where = \"stream\")` can fit it.")
}

# What the engine must know is tried, before long work: the functions, and what LN is called.
probe_functions <- function(database, terms, family) {
  if (is_simulated(database)) return(database)
  used <- paste(unlist(terms), collapse = " ")
  can <- function(sql, value) {
    found <- tryCatch(fetch_query(database, paste("SELECT", sql))[[1]], glmpp_error_database = function(e) NA)
    isTRUE(abs(as.double(found) - value) < 1e-9)
  }
  missing <- c(
    if (grepl("EXP(", used, fixed = TRUE) && !can("EXP(1.0)", exp(1))) "exp",
    if (grepl("SQRT(", used, fixed = TRUE) && !can("SQRT(4.0)", 2)) "sqrt",
    if (grepl("ERFC(", used, fixed = TRUE) && !can("ERFC(0.5)", 2 * stats::pnorm(-0.5 * sqrt(2)))) "erfc"
  )
  if (grepl("LN(", used, fixed = TRUE)) {
    spelled <- Filter(function(name) can(paste0(name, "(10.0)"), log(10)), unique(c(database$dialect$ln, "LN", "LOG")))
    if (length(spelled)) database$dialect$ln <- spelled[1] else missing <- c(missing, "log")
  }
  if (length(missing)) stop_missing_functions(database, missing, family)
  database
}

stop_missing_functions <- function(database, missing, family) {
  stop_glmpp("pushdown", sprintf("The database has no function %s, which the %s family with the %s link needs.",
                                 comma(missing), family$family, family$link),
             i = if (database$dialect$name == "SQLite" && !"erfc" %in% missing) {
               "RSQLite::initExtension(con, \"math\") gives SQLite exp() and log()."
             },
             i = "`in_database(..., where = \"stream\")` needs no functions of the database.")
}

spell_functions <- function(sql, database) gsub("\\bLN\\(", paste0(database$dialect$ln, "("), sql)
