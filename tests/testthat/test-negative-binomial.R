# The negative binomial with an estimated theta, against MASS::glm.nb() where that converges, and by theory.

skip_if_not_installed("MASS")
quine <- MASS::quine
epil <- transform(MASS::epil, lbase = log(base))

made <- function(rows, theta, seed) {
  set.seed(seed)
  data <- data.frame(x = rnorm(rows), g = factor(sample(letters[1:4], rows, TRUE)), w = sample(3, rows, TRUE))
  data$y <- rnbinom(rows, size = theta, mu = exp(0.8 + 0.4 * data$x + 0.2 * (data$g == "b")))
  data
}

theirs_for <- function(formula, data, link, ...) {
  suppressWarnings(do.call(MASS::glm.nb, list(formula, data = data, link = as.name(link), ..., control = glm.control(1e-13, 300))))
}

# MASS gives the standard error at the last but one theta.
exact_error <- function(fit, theta = fit$theta) {
  y <- fit$y
  mu <- fitted(fit)
  1 / sqrt(sum(fit$prior.weights * (trigamma(theta) - trigamma(theta + y) - 1 / theta + 2 / (mu + theta) - (y + theta) / (mu + theta)^2)))
}

cases <- list(
  quine = list(Days ~ Eth + Sex + Age + Lrn, quine, "log"), "quine, all interactions" = list(Days ~ Eth * Sex * Age * Lrn, quine, "log"),
  "quine, sqrt" = list(Days ~ Eth + Sex, quine, "sqrt"), "quine, identity" = list(Days ~ Eth + Sex, quine, "identity"),
  epil = list(y ~ trt * lbase + V4, epil, "log"), "epil, offset" = list(y ~ trt + V4 + offset(lbase), epil, "log"),
  sprays = list(count ~ spray, InsectSprays, "log"), warpbreaks = list(breaks ~ wool * tension, warpbreaks, "log"),
  weights = list(y ~ x + g, made(300, 2, 1), "log", quote(w)), "no intercept" = list(y ~ 0 + g + x, made(200, 0.3, 2), "log"),
  constant = list(Days ~ 1, quine, "log")
)

for (name in names(cases)) local({
  case <- cases[[name]]
  weights <- if (length(case) > 3) list(weights = eval(case[[4]], case[[2]]))
  theirs <- do.call(theirs_for, c(list(case[[1]], case[[2]], case[[3]]), weights))
  ours <- do.call(glmpp, c(list(case[[1]], quote(negative_binomial(link = case[[3]])), case[[2]]), weights))

  test_that(paste("equals MASS::glm.nb():", name), {
    expect_equal(coef(ours), coef(theirs), tolerance = 1e-7)
    expect_equal(coef(summary(ours))[, 2], coef(summary(theirs))[, 2], tolerance = 1e-7)
    expect_equal(ours$theta, theirs$theta, tolerance = 1e-6)
    expect_equal(ours$SE.theta, exact_error(theirs), tolerance = 1e-6)
    expect_equal(ours$SE.theta, theirs$SE.theta, tolerance = 1e-3)
    for (value in c("twologlik", "aic", "deviance", "null.deviance", "df.residual")) expect_equal(ours[[value]], theirs[[value]], tolerance = 1e-7)
    expect_equal(logLik(ours), logLik(theirs), tolerance = 1e-9, ignore_attr = "nall")
    expect_equal(c(AIC(ours), BIC(ours), extractAIC(ours)), c(AIC(theirs), BIC(theirs), extractAIC(theirs)), tolerance = 1e-9)
    expect_equal(sum(loglik(ours)), as.numeric(logLik(ours)), tolerance = 1e-10)
    for (type in c("deviance", "pearson", "response")) expect_equal(residuals(ours, type), residuals(theirs, type), tolerance = 1e-6)
    expect_equal(hatvalues(ours), hatvalues(theirs), tolerance = 1e-6)
    expect_true(all(class(theirs) %in% class(ours)))
  })
})

test_that("the likelihood has its maximum there, to all digits of the derivative", {
  for (seed in 1:20) {
    data <- made(150, 10^(seed / 10 - 1), seed)
    fit <- suppressWarnings(glmpp(y ~ x + g, negative_binomial(), data))
    if (!is.finite(fit$theta)) next
    y <- data$y
    mu <- fitted(fit)
    at <- function(theta) sum(dnbinom(y, size = theta, mu = mu, log = TRUE))
    expect_equal(at(fit$theta), fit$twologlik / 2, tolerance = 1e-12)
    theta <- fit$theta
    score <- sum(digamma(theta + y) - digamma(theta) + log(theta) + 1 - log(theta + mu) - (y + theta) / (mu + theta))
    # In standard errors of theta.
    expect_lt(abs(score * fit$SE.theta), 1e-6)
    expect_lt(max(abs(crossprod(model.matrix(fit), (y - mu) / (1 + mu / fit$theta))) * sqrt(diag(vcov(fit)))), 1e-6)
  }
})

test_that("counts that vary no more than Poisson counts are said to, and give the Poisson fit", {
  for (seed in 1:15) {
    set.seed(seed)
    data <- data.frame(x = rnorm(80))
    data$y <- rbinom(80, 4, plogis(0.3 * data$x))
    expect_warning(fit <- glmpp(y ~ x, negative_binomial(), data), class = "glmpp_warning_poisson_limit")
    plain <- glmpp(y ~ x, poisson, data)
    expect_identical(fit$theta, Inf)
    expect_equal(coef(fit), coef(plain), tolerance = 1e-8)
    expect_equal(vcov(fit), vcov(plain), tolerance = 1e-8)
    expect_equal(fit$twologlik, 2 * as.numeric(logLik(plain)), tolerance = 1e-10)
    expect_equal(AIC(fit), AIC(plain) + 2, tolerance = 1e-10)
  }
})

test_that("where glm.nb() fails or stops short there is an answer or a named reason", {
  answers <- character()
  for (seed in 1:60) {
    data <- made(30 + 5 * seed %% 7, 10^runif(1, -2, 4), seed)
    if (seed %% 3 == 0) data$y <- data$y * 50
    if (all(data$y == 0)) next
    said <- NULL
    fit <- withCallingHandlers(glmpp(y ~ x + g, negative_binomial(), data), glmpp_warning = function(w) {
      said <<- c(said, class(w)[1])
      invokeRestart("muffleWarning")
    })
    theirs <- tryCatch(theirs_for(y ~ x + g, data, "log"), error = function(e) NULL)
    expect_true(fit$converged, label = paste("seed", seed))
    # Where its theta is large, glm.nb() has lost the digits of its own likelihood.
    reached <- if (!is.null(theirs)) 2 * sum(dnbinom(data$y, size = theirs$theta, mu = fitted(theirs), log = TRUE))
    if (length(reached) && is.finite(reached)) expect_gte(fit$twologlik, reached - 1e-5, label = paste("seed", seed))
    if (!is.finite(fit$theta)) expect_true("glmpp_warning_poisson_limit" %in% said)
    answers <- c(answers, if (is.null(said)) "fine" else said)
  }
  expect_true(all(answers %in% c("fine", "glmpp_warning_poisson_limit", "glmpp_warning_separation")))
})

test_that("every home of data gives the fit in memory", {
  data <- made(400, 1.3, 9)
  data$y[1:5] <- data$y[1:5] + 2000L # beyond the table of counts
  memory <- glmpp(y ~ x + g, negative_binomial(), data)
  expect_home <- function(far) {
    expect_equal(coef(far), coef(memory), tolerance = 1e-8)
    expect_equal(vcov(far), vcov(memory), tolerance = 1e-8)
    for (value in c("theta", "SE.theta", "twologlik", "aic", "deviance", "null.deviance")) expect_equal(far[[value]], memory[[value]], tolerance = 1e-8)
    expect_equal(logLik(far), logLik(memory), tolerance = 1e-9, ignore_attr = TRUE)
    expect_equal(vcov(far, type = "HC1"), vcov(memory, type = "HC1"), tolerance = 1e-7)
    smaller <- update(far, . ~ . - g)
    expect_equal(anova(smaller, far)[["LR stat."]], anova(update(memory, . ~ . - g), memory)[["LR stat."]], tolerance = 1e-7)
  }
  expect_home(glmpp(y ~ x + g, negative_binomial(), chunks_of(data, 70)))
  expect_home(glmpp(y ~ x + g, negative_binomial(), chunks_of(data, 1000)))
  file <- tempfile(fileext = ".csv")
  on.exit(unlink(file))
  write.csv(data, file, row.names = FALSE)
  expect_home(glmpp(y ~ x + g, negative_binomial(), csv_chunks(file)))
})

test_that("two nodes and a database give the fit in memory", {
  skip_on_cran()
  data <- made(300, 0.7, 4)
  data$x <- round(data$x)
  memory <- glmpp(y ~ x + g, negative_binomial(), data)
  expect_home <- function(far) {
    expect_equal(coef(far), coef(memory), tolerance = 1e-8)
    expect_equal(c(far$theta, far$SE.theta, far$twologlik), c(memory$theta, memory$SE.theta, memory$twologlik), tolerance = 1e-8)
  }
  if (requireNamespace("RSQLite", quietly = TRUE) && requireNamespace("dbplyr", quietly = TRUE)) {
    connection <- DBI::dbConnect(RSQLite::SQLite(), ":memory:")
    on.exit(DBI::dbDisconnect(connection))
    DBI::dbWriteTable(connection, "counts", data)
    for (where in c("stream", "database")) expect_home(glmpp(y ~ x + g, negative_binomial(), in_database(connection, "counts", where = where)))
  }
  nodes <- local_cluster()
  far <- glmpp(y ~ x + g, negative_binomial(), on_cluster(nodes, data[seq_len(nrow(data)) %% parts == part - 1, ]))
  expect_home(far)
})

test_that("a database sums the likelihood of rows that are all different", {
  connection <- local_sqlite()
  data <- made(6000, 1.3, 11)
  data$y[1:3] <- data$y[1:3] + 20000
  data$g <- as.character(data$g)
  DBI::dbWriteTable(connection, "counts", data)
  source <- in_database(connection, "counts", where = "database")
  for (link in c("log", "sqrt")) {
    memory <- glmpp(y ~ x + g, negative_binomial(link = link), data, weights = w)
    far <- glmpp(y ~ x + g, negative_binomial(link = link), source, weights = w)
    expect_equal(coef(far), coef(memory), tolerance = 1e-9)
    expect_equal(vcov(far), vcov(memory), tolerance = 1e-8)
    for (value in c("theta", "SE.theta", "twologlik", "aic", "deviance", "null.deviance")) {
      expect_equal(far[[value]], memory[[value]], tolerance = 1e-8, label = value)
    }
  }
  # Cells whose rows are alike, and a theta that is given.
  for (family in list(negative_binomial(), negative_binomial(2))) for (formula in list(y ~ g, y ~ x)) {
    memory <- glmpp(formula, family, data)
    far <- glmpp(formula, family, source)
    expect_equal(coef(far), coef(memory), tolerance = 1e-8)
    expect_equal(c(far$theta, far$aic, far$deviance), c(memory$theta, memory$aic, memory$deviance), tolerance = 1e-9)
  }
  data$y <- rbinom(6000, 4, 0.4)
  DBI::dbWriteTable(connection, "less", data)
  expect_warning(far <- glmpp(y ~ x, negative_binomial(), in_database(connection, "less", where = "database")),
                 class = "glmpp_warning_poisson_limit")
  expect_equal(coef(far), coef(glmpp(y ~ x, poisson, data)), tolerance = 1e-8)
})

test_that("verbs after the fit take theta as estimated, and tables compare likelihoods", {
  ours <- glmpp(Days ~ Eth + Sex + Age, negative_binomial(), quine)
  theirs <- theirs_for(Days ~ Eth + Sex + Age, quine, "log")
  smaller <- update(ours, . ~ . - Age)
  expect_equal(smaller$theta, theirs_for(Days ~ Eth + Sex, quine, "log")$theta, tolerance = 1e-7)
  expect_equal(as.data.frame(drop1(ours, test = "Chisq")), as.data.frame(drop1(theirs, test = "Chisq")), tolerance = 1e-6, ignore_attr = TRUE)
  expect_equal(suppressWarnings(as.data.frame(anova(theirs))), as.data.frame(anova(ours)), tolerance = 1e-6, ignore_attr = TRUE)
  compared <- anova(ours, smaller)
  expect_equal(compared[["LR stat."]][2], ours$twologlik - smaller$twologlik)
  expect_equal(compared[["Pr(>Chi)"]][2], pchisq(ours$twologlik - smaller$twologlik, 3, lower.tail = FALSE))
  expect_error(anova(ours, glmpp(Days ~ Eth, poisson, quine)), class = "glmpp_error_anova")
  expect_equal(predict(ours, quine[1:5, ], type = "response", se.fit = TRUE)[1:2],
               predict(theirs, quine[1:5, ], type = "response", se.fit = TRUE)[1:2], tolerance = 1e-6)
  expect_equal(simulate(ours, 2, seed = 3), simulate(theirs, 2, seed = 3), ignore_attr = TRUE)
  expect_equal(formula(step(ours, trace = 0)), formula(step(theirs, trace = 0)), ignore_attr = TRUE)
  expect_equal(suppressMessages(confint(ours)), suppressMessages(confint(theirs)), tolerance = 1e-4, ignore_attr = TRUE)
  expect_s3_class(quantile_residuals(ours), "glmpp_chart")
  beside <- side_by_side(ours)
  expect_lt(max(beside$differences[, "glmpp - converged"]), 1e-6)
  plain <- as.glm(ours)
  expect_identical(class(plain), class(theirs))
  expect_equal(anova(plain, as.glm(smaller))[["LR stat."]][2], ours$twologlik - smaller$twologlik, tolerance = 1e-7)
  expect_output(print(summary(ours)), "Theta: 1.2507, standard error 0.157")
})

test_that("a given theta is the family of MASS, with dispersion 1", {
  ours <- glmpp(Days ~ Eth + Sex, negative_binomial(theta = 1.5), quine)
  theirs <- glm(Days ~ Eth + Sex, MASS::negative.binomial(1.5), quine, epsilon = 1e-13)
  expect_equal(coef(ours), coef(theirs), tolerance = 1e-6)
  expect_equal(vcov(ours), vcov(theirs, dispersion = 1), tolerance = 1e-6)
  expect_equal(c(ours$aic, ours$deviance), c(theirs$aic, theirs$deviance), tolerance = 1e-10)
  expect_null(ours$theta)
  again <- glmpp(Days ~ Eth + Sex, glmpp(Days ~ Eth + Sex, negative_binomial(), quine)$family, quine)
  expect_equal(coef(again), coef(glmpp(Days ~ Eth + Sex, negative_binomial(), quine)), tolerance = 1e-8)
})

test_that("wrong input is refused by name", {
  for (theta in list(-1, 0, Inf, NA, "a", c(1, 2))) {
    expect_error(negative_binomial(theta), class = "glmpp_error_theta")
    expect_error(glmpp(Days ~ Eth, negative_binomial(theta), quine), class = "glmpp_error_theta")
  }
  expect_error(negative_binomial(link = "logit"), class = "glmpp_error_argument")
  expect_error(glmpp(I(Days - 9) ~ Eth, negative_binomial(), quine), class = "glmpp_error_response")
  expect_error(glmpp(I(0 * Days) ~ Eth, negative_binomial(), quine), class = "glmpp_error_theta")
  expect_warning(glmpp(I(Days / 2) ~ Eth, negative_binomial(), quine), class = "glmpp_warning_response")
  expect_error(glm(Days ~ Eth, negative_binomial(), quine, method = glmpp_fit), class = "glmpp_error_family")
  expect_error(nll(Days ~ Eth, negative_binomial(), quine, c(1, 0)), class = "glmpp_error_family")
  expect_error(glmpp(Days ~ Eth, negative_binomial(), quine, start = 1), class = "glmpp_error_start")
  warned <- suppressWarnings(glmpp(rep(7, 146) ~ Eth, negative_binomial(), quine))
  expect_identical(warned$theta, Inf)
})

test_that("any number of threads and any instruction set give the same", {
  data <- made(5000, 2, 3)
  fits <- lapply(c(1, 2, 3, 7), function(threads) glmpp(y ~ x + g, negative_binomial(), data, threads = threads))
  for (fit in fits[-1]) expect_identical(fit[c("coefficients", "theta", "SE.theta", "twologlik")], fits[[1]][c("coefficients", "theta", "SE.theta", "twologlik")])
})

test_that("the table of a penalised fit is refused as that of other families", {
  penalised <- glmpp(Days ~ Eth + Sex, negative_binomial(), quine, penalty = ridge(1))
  expect_error(anova(penalised), class = "glmpp_error_penalty")
  expect_error(anova(penalised, test = "Chisq"), class = "glmpp_error_penalty")
})
