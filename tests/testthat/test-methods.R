# What stats and other packages do with a glm must come out the same on our fits.

cars <- transform(mtcars, twice = 2 * wt, kind = factor(cyl))

calls <- list(
  logistic = quote(fitter(am ~ wt + hp, binomial, mtcars, epsilon = 1e-12)),
  counts = quote(fitter(breaks ~ wool * tension, poisson, warpbreaks, epsilon = 1e-12)),
  Gamma = quote(fitter(Ozone ~ Wind + factor(Month), Gamma("log"), airquality, na.action = na.exclude,
                       epsilon = 1e-13, maxit = 100)),
  aliased = quote(fitter(mpg ~ wt + twice + kind + hp, gaussian, cars))
)

fit_by <- function(name, fitter, ...) {
  call <- calls[[name]]
  call[[1]] <- fitter
  more <- list(...)
  call[names(more)] <- more
  eval(call, list(cars = cars), globalenv())
}

expect_same <- function(ours, theirs, tolerance = 1e-6, ...) {
  expect_equal(ours, theirs, tolerance = tolerance, ignore_formula_env = TRUE, ...)
}

for (name in names(calls)) {
  ours <- fit_by(name, quote(glmpp))
  theirs <- fit_by(name, quote(glm))

  test_that(paste("every component of glm() is there, by name, value and names:", name), {
    expect_identical(setdiff(names(theirs), names(ours)), character())
    skipped <- c("call", "method", "iter", "control", "family", "formula", "terms", "data", "qr", "effects", "R")
    for (component in setdiff(names(theirs), skipped)) {
      expect_same(ours[[component]], theirs[[component]], info = component)
    }
    expect_identical(names(ours$control), names(theirs$control))
    expect_same(ours$qr[c("rank", "pivot")], theirs$qr[c("rank", "pivot")])
    expect_same(ours$qr$qr, theirs$qr$qr, ignore_attr = TRUE)
    expect_same(ours$effects[seq_len(ours$rank)], theirs$effects[seq_len(ours$rank)])
    expect_same(ours$R, theirs$R)
  })

  test_that(paste("inference and extraction give glm()'s answers:", name), {
    expect_same(coef(summary(ours)), coef(summary(theirs)))
    expect_same(summary(ours)$dispersion, summary(theirs)$dispersion)
    expect_same(vcov(ours), vcov(theirs))
    expect_same(vcov(ours, complete = FALSE), vcov(theirs, complete = FALSE))
    expect_same(logLik(ours), logLik(theirs))
    expect_same(c(AIC(ours), BIC(ours), nobs(ours), deviance(ours)), c(AIC(theirs), BIC(theirs), nobs(theirs), deviance(theirs)))
    expect_same(extractAIC(ours), extractAIC(theirs))
    expect_same(model.matrix(ours), model.matrix(theirs))
    expect_same(model.frame(ours), model.frame(theirs))
    expect_same(formula(ours), formula(theirs))
    expect_identical(family(ours)$link, family(theirs)$link)
    expect_same(case.names(ours), case.names(theirs))
    for (type in c("deviance", "pearson", "working", "response", "partial")) {
      expect_same(residuals(ours, type), residuals(theirs, type), info = type)
    }
    expect_same(fitted(ours), fitted(theirs))
    expect_same(weights(ours, "working"), weights(theirs, "working"))
  })

  test_that(paste("anova, drop1 and update give glm()'s answers:", name), {
    for (test in c("Chisq", "F", "Cp", "Rao")) {
      expect_same(suppressWarnings(anova(ours, test = test)), suppressWarnings(anova(theirs, test = test)))
    }
    expect_same(drop1(ours, test = "Chisq"), drop1(theirs, test = "Chisq"))
    smaller <- update(ours, . ~ . - 1)
    expect_s3_class(smaller, "glmpp")
    expect_same(coef(smaller), coef(update(theirs, . ~ . - 1)))
    null <- update(ours, . ~ 1)
    expect_same(anova(null, ours, test = "Chisq"), anova(update(theirs, . ~ 1), theirs, test = "Chisq"))
    expect_same(add1(null, formula(ours), test = "Chisq"), add1(update(theirs, . ~ 1), formula(theirs), test = "Chisq"))
  })

  test_that(paste("leverage and influence give glm()'s answers:", name), {
    expect_same(hatvalues(ours), hatvalues(theirs))
    parts <- c("hat", "sigma", "dev.res", "pear.res")
    expect_same(influence(ours, do.coef = FALSE)[parts], influence(theirs, do.coef = FALSE)[parts])
    expect_same(influence(ours), influence(theirs))
    expect_same(cooks.distance(ours), cooks.distance(theirs))
    expect_same(rstandard(ours), rstandard(theirs))
    expect_same(rstandard(ours, type = "pearson"), rstandard(theirs, type = "pearson"))
    expect_same(rstandard(ours, infl = influence(ours), type = "pearson"), rstandard(theirs, infl = influence(theirs), type = "pearson"))
    expect_same(rstandard(ours, infl = influence(ours)), rstandard(theirs, infl = influence(theirs)))
    expect_same(cooks.distance(ours, infl = influence(ours)), cooks.distance(theirs, infl = influence(theirs)))
    expect_same(rstudent(ours), rstudent(theirs))
    expect_same(dffits(ours), dffits(theirs))
    expect_same(dfbetas(ours), dfbetas(theirs))
    expect_same(covratio(ours), covratio(theirs))
    expect_same(influence.measures(ours)$infmat, influence.measures(theirs)$infmat)
    expect_same(lm.influence(ours)$hat, lm.influence(theirs)$hat)
  })

  test_that(paste("predictions are glm()'s, on any rows in any order:", name), {
    new <- theirs$data[rev(seq_len(nrow(theirs$data))), ]
    for (type in c("link", "response")) {
      expect_same(predict(ours, type = type), predict(theirs, type = type))
      expect_same(predict(ours, type = type, se.fit = TRUE), predict(theirs, type = type, se.fit = TRUE))
      expect_same(predict(ours, new, type = type), suppressWarnings(predict(theirs, new, type = type)))
      expect_same(predict(ours, new, type = type, se.fit = TRUE),
                  suppressWarnings(predict(theirs, new, type = type, se.fit = TRUE)))
    }
    expect_same(predict(ours, type = "terms"), suppressWarnings(predict(theirs, type = "terms")))
    expect_same(suppressWarnings(predict(ours, new, type = "terms")), suppressWarnings(predict(theirs, new, type = "terms")))
  })
}

test_that("leverages of many columns are glm()'s, by roots in cache and by larger ones", {
  set.seed(8)
  for (levels in c(100, 150)) {
    data <- data.frame(g = factor(rep(seq_len(levels), length.out = 700)), x = rnorm(700), y = rpois(700, 9))
    data$again <- 2 * data$x  # aliased
    ours <- glmpp(y ~ again + x + g, poisson, data)
    theirs <- glm(y ~ again + x + g, poisson, data, epsilon = 1e-12)
    expect_same(hatvalues(ours), hatvalues(theirs))
    expect_same(influence(ours)$coefficients, influence(theirs)$coefficients, tolerance = 1e-6)
    expect_same(predict(ours, se.fit = TRUE)$se.fit, predict(theirs, se.fit = TRUE)$se.fit, tolerance = 1e-6)
  }
})

test_that("measures of single rows are glm()'s where rows are left out, have no weight or are fitted exactly", {
  data <- mtcars
  data$mpg[c(3, 9)] <- NA
  data$w <- rep(c(1, 2, 0, 1), 8)
  data$one <- factor(seq_len(32) == 5)
  for (formula in c(mpg ~ wt + hp, carb ~ wt + one)) for (weights in list(rep(1, 32), data$w)) for (action in list(na.omit, na.exclude)) {
    family <- if (formula[[2]] == "carb") poisson else gaussian
    data$used <- weights
    ours <- glmpp(formula, family, data, weights = used, na.action = action)
    theirs <- glm(formula, family, data, weights = used, na.action = action, epsilon = 1e-12)
    for (measure in list(cooks.distance, rstandard, rstudent, hatvalues, dfbeta, dfbetas, fitted)) {
      expect_same(suppressWarnings(measure(ours)), suppressWarnings(measure(theirs)), tolerance = 1e-6)
    }
    expect_same(suppressWarnings(rstandard(ours, type = "pearson")), suppressWarnings(rstandard(theirs, type = "pearson")))
    changed <- influence(theirs)
    expect_same(suppressWarnings(cooks.distance(ours, changed)), suppressWarnings(cooks.distance(theirs, changed)))
    expect_same(rstudent(ours, changed), rstudent(theirs, changed))
    before <- influence(ours)
    dfbetas(ours, before)
    expect_identical(before, influence(ours))
  }
})

test_that("who asks for `qr` without reading its numbers does not pay for them", {
  fit <- glmpp(am ~ wt + hp, binomial, mtcars)
  qr <- fit$qr
  expect_output(.Internal(inspect(qr$qr)), "deferred by glmpp (not made)", fixed = TRUE)
  expect_identical(dim(qr$qr), c(32L, 3L))
  theirs <- glm(am ~ wt + hp, binomial, mtcars, epsilon = 1e-12)
  expect_same(qr$qr, theirs$qr$qr, tolerance = 1e-6)
  expect_same(fit$effects, theirs$effects, tolerance = 1e-6)
  expect_same(qr.resid(fit$qr, theirs$y), qr.resid(theirs$qr, theirs$y), tolerance = 1e-6)
})

test_that("step() takes glm()'s path", {
  ours <- step(glmpp(mpg ~ ., gaussian, mtcars), trace = 0)
  theirs <- step(glm(mpg ~ ., gaussian, mtcars), trace = 0)
  expect_same(coef(ours), coef(theirs))
  expect_same(ours$anova, theirs$anova)
})

test_that("confint() and profile() give glm()'s answers", {
  skip_if_not_installed("MASS")
  quiet <- function(expression) suppressWarnings(suppressMessages(expression))
  expect_same(quiet(confint(fit_by("counts", quote(glmpp)))), quiet(confint(fit_by("counts", quote(glm)))), tolerance = 1e-4, ignore_attr = TRUE)
  expect_same(confint.default(fit_by("logistic", quote(glmpp))), confint.default(fit_by("logistic", quote(glm))))
  expect_same(quiet(profile(fit_by("counts", quote(glmpp))))$woolB$z, quiet(profile(fit_by("counts", quote(glm))))$woolB$z, tolerance = 1e-5)
})

test_that("simulate() draws what glm() draws", {
  expect_equal(simulate(fit_by("logistic", quote(glmpp)), 2, seed = 1), simulate(fit_by("logistic", quote(glm)), 2, seed = 1))
})

test_that("plot() draws all its panels", {
  file <- tempfile(fileext = ".pdf")
  pdf(file)
  on.exit({
    dev.off()
    unlink(file)
  })
  expect_no_error <- function(expression) expect_error(expression, NA)
  expect_no_error(plot(fit_by("counts", quote(glmpp)), which = 1:6))
})

test_that("glm(method = glmpp_fit) is a glm with glm()'s components", {
  for (name in c("logistic", "counts", "Gamma")) {
    ours <- fit_by(name, quote(glm), method = quote(glmpp_fit))
    theirs <- fit_by(name, quote(glm))
    expect_identical(class(ours), c("glm", "lm"))
    expect_setequal(names(ours), names(theirs))
    expect_identical(as.glm(ours)$method, "glm.fit")
    for (component in setdiff(names(theirs), c("call", "method", "iter", "control"))) {
      expect_same(ours[[component]], theirs[[component]], info = component)
    }
  }
})

test_that("what reads the n x p decomposition of glm(method = glmpp_fit) gets it", {
  ours <- glm(am ~ wt + hp, binomial, mtcars, method = glmpp_fit, epsilon = 1e-12)
  theirs <- glm(am ~ wt + hp, binomial, mtcars, epsilon = 1e-12)
  for (verb in list(influence, hatvalues, cooks.distance, rstudent, dfbetas, effects, vcov)) {
    expect_equal(verb(ours), verb(theirs), tolerance = 1e-6, ignore_attr = "call")
  }
  expect_equal(predict(ours, se.fit = TRUE), predict(theirs, se.fit = TRUE), tolerance = 1e-6)
  expect_equal(ours[["qr"]]$qr, theirs$qr$qr, tolerance = 1e-6)
  expect_equal(unserialize(serialize(ours, NULL))$effects, theirs$effects, tolerance = 1e-6)
  alone <- glmpp_fit(cbind(1, mtcars$wt, mtcars$hp), mtcars$am, family = binomial())
  expect_identical(dim(alone$qr$qr), c(32L, 3L))
  expect_output(print(alone), "qraux")
})

test_that("method = \"glmpp_fit\" by name works too", {
  fit <- glm(am ~ wt, binomial, mtcars, method = "glmpp_fit")
  expect_same(coef(fit), coef(glm(am ~ wt, binomial, mtcars)))
  expect_same(anova(fit, test = "Chisq"), anova(glm(am ~ wt, binomial, mtcars), test = "Chisq"))
})

test_that("as.glm() leaves nothing of glmpp behind", {
  plain <- as.glm(fit_by("counts", quote(glmpp)))
  theirs <- fit_by("counts", quote(glm))
  expect_identical(class(plain), class(theirs))
  expect_setequal(names(plain), names(theirs))
  expect_same(plain$qr$qr, theirs$qr$qr)
  expect_error(as.glm(theirs), class = "glmpp_error_argument")
})

test_that("the model frame is glm()'s", {
  ours <- glmpp(Ozone ~ poly(Temp, 2) + factor(Month), Gamma, airquality, method = "model.frame")
  theirs <- glm(Ozone ~ poly(Temp, 2) + factor(Month), Gamma, airquality, method = "model.frame")
  attr(ours, "na.counts") <- NULL
  expect_equal(ours, theirs)
})

test_that("a fit keeps its rows, response and design as asked", {
  fit <- glmpp(am ~ wt, binomial, mtcars, model = FALSE, x = TRUE, y = FALSE)
  expect_null(fit$model)
  expect_null(fit$y)
  expect_equal(fit$x, model.matrix(am ~ wt, mtcars))
})

test_that("predict() warns of aliasing only when new rows leave the span", {
  data <- transform(mtcars, twice = 2 * wt)
  fit <- glmpp(mpg ~ wt + twice, data = data)
  expect_silent(predict(fit, data[1:3, ]))
  expect_warning(predict(fit, data.frame(wt = 1, twice = 3)), class = "glmpp_warning_rank_deficient")
})

test_that("a fit says what its aliased columns equal", {
  data <- transform(mtcars, mix = 3 - wt + 2 * hp, zero = 0, big = 1e6 * disp)
  fit <- glmpp(mpg ~ wt + hp + mix + zero + factor(cyl) + I(cyl == 4) + disp + big, data = data)
  x <- model.matrix(fit)
  expect_equal(x[, rownames(fit$aliased)], x[, colnames(fit$aliased)] %*% t(fit$aliased), ignore_attr = TRUE)
  shown <- capture.output(print(summary(fit)))
  expect_true("Aliased: mix = 3 - wt + 2 hp" %in% shown)
  expect_true("Aliased: zero = 0" %in% shown)
  expect_true("Aliased: I(cyl == 4)TRUE = 1 - factor(cyl)6 - factor(cyl)8" %in% shown)
  expect_true("Aliased: big = 1e+06 disp" %in% shown)
  expect_null(glmpp(mpg ~ wt, data = data)$aliased)
  counts <- glmpp(carb ~ wt + hp + mix, poisson, data, weights = gear)
  expect_equal(counts$aliased["mix", ], c("(Intercept)" = 3, wt = -1, hp = 2))
})

test_that("summary() mentions the condition when it matters", {
  data <- data.frame(y = mtcars$mpg, x = 1e5 + mtcars$wt, z = mtcars$hp)
  expect_output(print(summary(glmpp(y ~ x + z, data = data))), "Condition of the scaled design: .*standard errors are good to about 1[01] digits")
  plain <- capture.output(print(summary(glmpp(mpg ~ wt, data = mtcars))))
  expect_false(any(grepl("ondition", plain)))
})

test_that("robust covariances are those of sandwich", {
  skip_if_not_installed("sandwich")
  rows <- transform(warpbreaks, id = rep(1:9, each = 6), x = seq_along(breaks) / 10, w = rep(1:3, 18))
  rows$x[7] <- NA
  models <- list(
    list(quote(breaks ~ wool * tension + x), quote(poisson())), list(quote(breaks ~ log(x) + wool), quote(Gamma("log"))),
    list(quote(cbind(breaks, 70 - breaks) ~ tension + offset(x / 10)), quote(binomial()))
  )
  for (model in models) {
    call <- as.call(list(quote(glm), model[[1]], family = model[[2]], data = quote(rows), weights = quote(w), subset = quote(id != 3),
                         epsilon = 1e-14))
    theirs <- eval(call)
    call[[1]] <- quote(glmpp)
    ours <- eval(call)
    # glm()'s weights lag its coefficients by an iteration.
    for (type in c("HC0", "HC1")) {
      expect_equal(vcov(ours, type = type), sandwich::vcovHC(theirs, type = type), tolerance = 1e-6)
      expect_equal(vcov(ours, type = type, cluster = ~id), sandwich::vcovCL(theirs, ~id, type = type), tolerance = 1e-6)
    }
    expect_equal(vcov(ours), vcov(theirs), tolerance = 1e-8)
  }
  aliased <- glmpp(breaks ~ wool + x + I(2 * x), poisson, rows)
  expect_equal(dim(vcov(aliased, type = "HC0")), c(4, 4))
  expect_true(all(is.na(vcov(aliased, type = "HC0")[4, ])))
  expect_equal(vcov(aliased, type = "HC0", complete = FALSE), vcov(glmpp(breaks ~ wool + x, poisson, rows), type = "HC0"))
})

test_that("what makes no robust covariance is refused", {
  fit <- glmpp(breaks ~ wool, poisson, warpbreaks)
  expect_error(vcov(fit, type = "HC9"), class = "glmpp_error_argument")
  expect_error(vcov(fit, type = "HC0", cluster = "tension"), class = "glmpp_error_argument")
  expect_error(vcov(fit, cluster = ~tension), "goes with `type", class = "glmpp_error_argument")
  expect_error(vcov(fit, type = "HC1", cluster = ~ tension:wool), "interaction\\(a, b\\)", class = "glmpp_error_argument")
  expect_error(vcov(fit, type = "HC1", cluster = ~nothing), class = "glmpp_error_cluster")
  expect_error(vcov(fit, type = "HC1", cluster = ~ ifelse(breaks > 30, 1, NA)), class = "glmpp_error_cluster")
  lean <- glmpp(breaks ~ wool, poisson, warpbreaks, keep = "summary")
  expect_error(vcov(lean, type = "HC1"), class = "glmpp_error_left_out")
})

test_that("a summary is printed in the words of glm()'s", {
  # R before 4.3 prints quantiles of residuals; the call, the solver and what equals what are ours.
  of_glm <- function(fit, ...) {
    text <- capture.output(print(summary(fit, ...)))
    first <- match("Deviance Residuals:", trimws(text))
    if (!is.na(first)) text <- text[-(first:(first + match("", text[-seq_len(first)])))]
    text[-seq_len(match("Call:", text) + match("", text[-seq_len(match("Call:", text))]))]
  }
  of_ours <- function(fit, ...) {
    text <- capture.output(print(summary(fit, ...)))
    text <- text[!grepl("^(Solver|Aliased|Condition)", text)]
    text[-seq_len(match("Call:", text) + 1)]
  }
  data <- transform(mtcars, twice = 2 * wt, disp = replace(disp, 3:5, NA))
  for (formula in list(am ~ wt, am ~ wt + twice + hp, am ~ 1, I(mpg > 19) ~ disp + factor(gear))) {
    theirs <- suppressWarnings(glm(formula, binomial, data, epsilon = 1e-10, maxit = 100))
    ours <- suppressWarnings(glmpp(formula, binomial, data))
    theirs$iter <- ours$iter
    trimmed <- function(text) text[nzchar(text)]
    expect_identical(trimmed(of_ours(ours)), trimmed(of_glm(theirs)), info = deparse(formula))
    if (ours$rank > 1 && !anyNA(coef(ours))) {
      expect_identical(trimmed(of_ours(ours, correlation = TRUE)), trimmed(of_glm(theirs, correlation = TRUE)), info = deparse(formula))
    }
  }
  none <- summary(glmpp(mpg ~ 0, data = mtcars))
  expect_true("No Coefficients" %in% capture.output(print(none)))
  plain <- capture.output(print(summary(glmpp(mpg ~ wt, data = mtcars)), digits = 3, signif.stars = FALSE))
  theirs <- capture.output(print(summary(glm(mpg ~ wt, data = mtcars)), digits = 3, signif.stars = FALSE))
  expect_true(all(grep("^(\\(Int|wt|AIC)", theirs, value = TRUE) %in% plain))
})
