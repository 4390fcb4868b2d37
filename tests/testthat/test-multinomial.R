# multinomial(): against nnet, VGAM and binomial fits, and what must hold of any fit.

random_classes <- function(rows = 500, classes = 4, seed = 7) {
  with_local_seed(seed, {
    d <- data.frame(x = rnorm(rows), z = runif(rows), g = factor(sample(letters[1:4], rows, TRUE)))
    eta <- outer(d$x, seq(-1, 1, length.out = classes)) + outer(as.integer(d$g) == 2, (1:classes) %% 2)
    d$y <- factor(max.col(eta - log(-log(matrix(runif(rows * classes), rows)))), labels = LETTERS[1:classes])
    d$w <- sample(1:3, rows, TRUE)
    d
  })
}

test_that("fits equal nnet::multinom() run to convergence", {
  skip_without("nnet", "MASS")
  for (name in names(multinomial_problems())) {
    problem <- multinomial_problems()[[name]]
    ours <- fit_category_problem(problem, quote(glmpp), family = quote(multinomial()))
    theirs <- fit_category_problem(problem, quote(nnet::multinom), Hess = TRUE, trace = FALSE, reltol = 1e-16, abstol = 1e-20, maxit = 1e5)
    errors <- sqrt(diag(solve(theirs$Hessian)))
    expect_identical(dimnames(coef(ours)), dimnames(coef(theirs)), label = name)
    expect_lt(category_difference(t(coef(ours)), as.vector(t(coef(theirs))), errors), 1e-6, label = name)
    expect_lt(category_difference(sqrt(diag(vcov(ours))), errors), 1e-6, label = name)
    expect_identical(rownames(vcov(ours)), rownames(theirs$Hessian), label = name)
    expect_equal(deviance(ours), deviance(theirs), tolerance = 1e-10, label = name)
    expect_equal(logLik(ours), logLik(theirs), tolerance = 1e-10, label = name, ignore_attr = "df")
    expect_equal(AIC(ours), AIC(theirs), tolerance = 1e-10, label = name)
    expect_equal(unname(fitted(ours)), unname(fitted(theirs)), tolerance = 1e-5, label = name)
  }
})

test_that("the last class as baseline is VGAM::multinomial(), counts included", {
  skip_without("VGAM", "MASS")
  counts <- xtabs(Freq ~ Infl + Type + Sat, MASS::housing)
  groups <- expand.grid(dimnames(counts)[1:2])
  groups$Sat <- matrix(counts, ncol = 3, dimnames = list(NULL, dimnames(counts)$Sat))
  ours <- glmpp(Sat ~ Infl + Type, multinomial("High"), groups)
  theirs <- suppressWarnings(VGAM::vglm(Sat ~ Infl + Type, VGAM::multinomial(), groups, epsilon = 1e-14))
  expect_equal(unname(coef(ours)), unname(t(VGAM::coef(theirs, matrix = TRUE))), tolerance = 1e-8)
  our_errors <- matrix(sqrt(diag(vcov(ours))), 2, byrow = TRUE)
  expect_equal(as.vector(our_errors), unname(sqrt(diag(VGAM::vcov(theirs)))), tolerance = 1e-8)
  expect_equal(sum(residuals(ours)^2), VGAM::deviance(theirs), tolerance = 1e-10)
})

test_that("two classes are a binomial model", {
  ours <- glmpp(factor(am) ~ wt + hp, multinomial(), mtcars)
  binary <- glmpp(am ~ wt + hp, binomial, mtcars)
  expect_equal(drop(coef(ours)), coef(binary), tolerance = 1e-10)
  expect_equal(unname(vcov(ours)), unname(vcov(binary)), tolerance = 1e-8)
  expect_equal(deviance(ours), deviance(binary), tolerance = 1e-12)
  expect_equal(ours$null.deviance, binary$null.deviance, tolerance = 1e-12)
  expect_equal(unname(predict(ours, type = "probs")[, "1"]), unname(fitted(binary)), tolerance = 1e-10)
  o <- mtcars$disp / 100
  expect_equal(drop(coef(glmpp(factor(am) ~ wt, multinomial(), mtcars, offset = o))),
               coef(glmpp(am ~ wt, binomial, mtcars, offset = o)), tolerance = 1e-8)
})

test_that("a weight is a row repeated, and counts are rows", {
  d <- random_classes()
  weighted <- glmpp(y ~ x + g, multinomial(), d, weights = w)
  repeated <- glmpp(y ~ x + g, multinomial(), d[rep(seq_len(nrow(d)), d$w), ])
  expect_equal(coef(weighted), coef(repeated), tolerance = 1e-10)
  expect_equal(vcov(weighted), vcov(repeated), tolerance = 1e-9)
  expect_equal(deviance(weighted), deviance(repeated), tolerance = 1e-12)
  expect_equal(BIC(weighted), BIC(repeated), tolerance = 1e-12)

  cells <- unique(d["g"])
  cells$y <- unclass(table(d$g, d$y))[as.character(cells$g), ]
  expect_equal(coef(glmpp(y ~ g, multinomial(), cells)), coef(glmpp(y ~ g, multinomial(), d)), tolerance = 1e-8)
})

test_that("the order of the classes, the baseline and the coding of a factor change no probability", {
  d <- random_classes()
  fit <- glmpp(y ~ x * g, multinomial(), d)
  d$reversed <- factor(d$y, rev(levels(d$y)))
  others <- list(glmpp(reversed ~ x * g, multinomial(), d), glmpp(y ~ x * g, multinomial("C"), d),
                 glmpp(y ~ x * g, multinomial(FALSE), d), glmpp(y ~ x * g, multinomial(), d, contrasts = list(g = "contr.sum")))
  for (other in others) {
    expect_equal(deviance(other), deviance(fit), tolerance = 1e-12)
    expect_equal(fitted(other)[, levels(d$y)], fitted(fit), tolerance = 1e-8)
    expect_equal(other$rank, fit$rank)
    expect_equal(predict(other, d[1:9, ], "probs", se.fit = TRUE)$se.fit[, levels(d$y)],
                 predict(fit, d[1:9, ], "probs", se.fit = TRUE)$se.fit, tolerance = 1e-6)
  }
  dummies <- data.frame(y = d$y, model.matrix(~ x * g, d)[, -1])
  expect_equal(unname(coef(glmpp(y ~ ., multinomial(), dummies))), unname(coef(fit)), tolerance = 1e-9)
})

test_that("results are the same bits for any number of threads", {
  d <- random_classes(30000)
  fits <- lapply(c(1, 2, 5), function(threads) glmpp(y ~ x + z + g, multinomial(), d, threads = threads))
  for (part in c("coefficients", "covariance", "fitted.values", "deviance")) {
    expect_identical(fits[[2]][[part]], fits[[1]][[part]])
    expect_identical(fits[[3]][[part]], fits[[1]][[part]])
  }
})

test_that("score and information are derivatives of the likelihood", {
  d <- random_classes(200)
  for (baseline in list(TRUE, FALSE, "B")) {
    family <- multinomial(baseline)
    shape <- dim(coef(glmpp(y ~ x + g, family, d)))
    at <- sin(seq_len(prod(shape)))
    value <- function(part) function(b) nll(y ~ x + g, family, d, matrix(b, shape[1], byrow = TRUE), weights = w)[[part]]
    expect_equal(unname(value("gradient")(at)), central_differences(value("value"), at), tolerance = 1e-7)
    expect_equal(unname(value("information")(at)), unname(central_differences(value("gradient"), at)), tolerance = 1e-7)
    expect_identical(value("observed_information")(at), value("information")(at))
  }
})

test_that("the symmetric softmax is the optimum closest to the start, by every solver", {
  d <- random_classes(300)
  fit <- glmpp(y ~ x + g, multinomial(FALSE), d)
  expect_equal(colSums(coef(fit)), 0 * coef(fit)[1, ], tolerance = 1e-12)
  expect_equal(sweep(coef(fit), 2, coef(fit)[1, ])[-1, ], coef(glmpp(y ~ x + g, multinomial(), d)), tolerance = 1e-9)
  information <- nll(y ~ x + g, multinomial(FALSE), d, coef(fit))$information
  roots <- eigen(information, symmetric = TRUE)
  kept <- seq_len(fit$rank)
  pseudoinverse <- roots$vectors[, kept] %*% (t(roots$vectors[, kept]) / roots$values[kept])
  expect_equal(unname(vcov(fit)), pseudoinverse, tolerance = 1e-8)

  start <- matrix(1:20 / 10, 4)
  for (solver in list(irls(), newton(), lbfgs(), gradient_descent(), coordinate_descent())) {
    other <- glmpp(y ~ x + g, multinomial(FALSE), d, solver = solver, start = start)
    expect_equal(sweep(coef(other), 2, colMeans(start)), coef(fit), tolerance = 1e-6, label = solver$name)
    expect_equal(vcov(other), vcov(fit), tolerance = 1e-5, label = solver$name)
  }
})

test_that("stochastic descent follows the score of one row after another", {
  d <- random_classes(40)
  x <- model.matrix(~ x + g, d)
  b <- matrix(0.1, 4, 5)
  for (i in seq_len(40)) b <- b + 0.05 * ((1:4 == as.integer(d$y)[i]) - drop(glmpp:::softmax_impl(t(b %*% x[i, ])))) %o% x[i, ]
  fit <- glmpp(y ~ x + g, multinomial(FALSE), d, start = matrix(0.1, 4, 5), solver = sgd(0.05, epochs = 1))
  expect_equal(unname(coef(fit)), unname(b), tolerance = 1e-12)

  # Implicit: b moves by the residual at the coefficients that it reaches.
  one <- d[1, ]
  one$y <- factor("B", LETTERS[1:4])
  fit <- glmpp(y ~ x, multinomial(FALSE), rbind(one, d), start = matrix(0, 4, 2), weights = rep(c(1, 1e-13), c(1, 40)),
               solver = sgd(3, epochs = 1, implicit = TRUE))
  move <- drop(coef(fit) %*% c(1, one$x))
  residual <- (1:4 == 2) - drop(glmpp:::softmax_impl(t(move)))
  expect_equal(unname(move), unname(residual) * 3 * (1 + one$x^2), tolerance = 1e-8)
})

test_that("stochastic descent by its own settings comes within a hundredth of the optimum", {
  d <- random_classes(5000)
  for (baseline in list(TRUE, FALSE)) {
    fit <- glmpp(y ~ x + g, multinomial(baseline), d, solver = sgd())
    expect_lt(deviance(fit), 1.01 * deviance(glmpp(y ~ x + g, multinomial(baseline), d)))
  }
  expect_equal(colSums(coef(fit)), 0 * coef(fit)[1, ], tolerance = 1e-10)
  expect_error(glmpp(y ~ x, multinomial(), d, solver = sgd(0.1, loss = "squared_error")), class = "glmpp_error_solver")
})

test_that("gradient descent on the softmax retraces the tutorial", {
  d <- tutorial_data("softmax.csv")
  fit <- glmpp(factor(y) ~ x1 + x2 + x3, multinomial(FALSE), d, start = matrix(1, 3, 4),
               solver = gradient_descent(learning_rate = 1e-3, iterations = 1000))
  expect_lt(max(abs(unname(t(coef(fit))) - tutorial_figures()$gradient_softmax)), 1e-10)
  expect_identical(fit$iter, 1000L)
})

test_that("a ridge makes the penalised score zero", {
  d <- random_classes(300)
  for (baseline in list(TRUE, FALSE)) for (intercept in c(FALSE, TRUE)) {
    for (solver in list(irls(), newton(), lbfgs())) {
      fit <- glmpp(y ~ x + g, multinomial(baseline), d, penalty = ridge(3, intercept), solver = solver)
      strength <- rep(c(3 * intercept, 3, 3, 3, 3), each = nrow(coef(fit)))
      score <- nll(y ~ x + g, multinomial(baseline), d, coef(fit))$gradient + as.vector(t(strength * coef(fit)))
      expect_lt(max(abs(score)), 1e-5)
    }
  }
  expect_equal(colSums(coef(fit)), 0 * coef(fit)[1, ], tolerance = 1e-6)
})

test_that("columns that are combinations of others are aliased for every class", {
  d <- transform(random_classes(), both = 2 * x - z)
  fit <- glmpp(y ~ x + z, multinomial(), d)
  for (baseline in list(TRUE, FALSE)) {
    aliased <- glmpp(y ~ x + z + both, multinomial(baseline), d)
    expect_true(all(is.na(coef(aliased)[, "both"])))
    expect_equal(aliased$rank, fit$rank)
    expect_equal(fitted(aliased), fitted(fit), tolerance = 1e-8)
    expect_equal(sum(is.na(diag(vcov(aliased)))), nrow(coef(aliased)))
    started <- glmpp(y ~ x + z + both, multinomial(baseline), d, start = matrix(0.3, nrow(coef(aliased)), 4), solver = "lbfgs")
    expect_equal(fitted(started), fitted(fit), tolerance = 1e-6)
  }
  expect_silent(predict(aliased, d[1:3, ]))
  expect_warning(predict(aliased, transform(d[1:3, ], both = 0)), class = "glmpp_warning_rank_deficient")
  expect_error(glmpp(y ~ x + z + both, multinomial(), d, singular.ok = FALSE), class = "glmpp_error_singular")
})

test_that("separation is proved, and the class named that runs away", {
  expect_warning(fit <- glmpp(Species ~ Sepal.Length + Sepal.Width, multinomial(), iris), "setosa", class = "glmpp_warning_separation")
  expect_identical(fit$separation$type, "quasi-complete")
  expect_identical(fit$separation$classes, "setosa")
  d <- random_classes()
  d$g[d$y == "A" & d$g == "a"] <- "b"
  expect_warning(fit <- glmpp(y ~ x + g, multinomial("B"), d), class = "glmpp_warning_separation")
  expect_identical(fit$separation$classes, "A")
  expect_output(print(fit), "No maximum likelihood estimate")
  expect_identical(names(fit$separation$coefficients), c("A:(Intercept)", "A:gb", "A:gc", "A:gd"))
  expect_warning(fit <- glmpp(y ~ x, multinomial(), data.frame(y = gl(3, 5), x = 1:15)), class = "glmpp_warning_separation")
  expect_identical(fit$separation$type, "complete")
  expect_null(glmpp(y ~ x + g, multinomial(), d, subset = g != "a")$separation)
})

test_that("a fit that has not converged names what still moves", {
  expect_warning(fit <- glmpp(Species ~ Sepal.Width, multinomial(), iris, maxit = 1), "versicolor:Sepal.Width",
                 class = "glmpp_warning_convergence")
  expect_null(fit$separation)
  expect_output(print(fit), "Not converged")
  # An outlier moves far in the first steps: no proof of anything.
  d <- data.frame(y = factor(c(1, 2, 3, 1, 2, 3, 3)), x = c(1, 1, 1, 2, 2, 2, 1e4))
  for (maxit in c(1:6, 25)) expect_null(suppressWarnings(glmpp(y ~ x, multinomial(), d, maxit = maxit)$separation))
})

test_that("classes without rows are left out with a warning, without weight refused", {
  d <- random_classes()
  expect_warning(fit <- glmpp(y ~ x, multinomial(), d, subset = y != "C"), "\"C\"", class = "glmpp_warning_classes")
  expect_identical(rownames(coef(fit)), c("B", "D"))
  expect_equal(coef(fit), coef(glmpp(y ~ x, multinomial(), droplevels(d[d$y != "C", ]))))
  d$w[d$y == "C"] <- 0
  expect_error(glmpp(y ~ x, multinomial(), d, weights = w), "\"C\"", class = "glmpp_error_classes")
})

test_that("what can't be is refused by name", {
  d <- random_classes(60)
  expect_error(glmpp(x ~ z, multinomial(), d), "factor\\(x\\)", class = "glmpp_error_response")
  expect_error(glmpp(y ~ z, multinomial("E"), d), "\"A\", \"B\"", class = "glmpp_error_response")
  expect_error(multinomial(3), class = "glmpp_error_argument")
  expect_error(glmpp(y ~ z, multinomial(), d, start = matrix(0, 2, 3)), "t\\(start\\)", class = "glmpp_error_start")
  expect_error(glmpp(y ~ z, multinomial(), d, start = 1:3), "3 x 2", class = "glmpp_error_start")
  expect_error(glmpp(y ~ z, multinomial(), d, offset = x), class = "glmpp_error_offset")
  expect_error(glmpp(y ~ z, multinomial(), d, etastart = x), class = "glmpp_error_argument")
  expect_error(glmpp(y ~ z, multinomial(), d, subset = y == "A"), "two classes", class = "glmpp_error_response")
  expect_error(glmpp(cbind(w, -w) ~ z, multinomial(), d), class = "glmpp_error_response")
  expect_error(glmpp_fit(cbind(1, d$x), d$y, family = multinomial()), class = "glmpp_error_family")
  expect_error(glmpp(y ~ z, binomial, d), "multinomial\\(\\)", class = "glmpp_error_response")
})

test_that("offsets shift the coefficients", {
  d <- random_classes()
  fit <- glmpp(y ~ x + z, multinomial(), d)
  shift <- c(0, 1, -0.5, 2)
  shifted <- glmpp(y ~ x + z, multinomial(), d, offset = outer(x, shift))
  expect_equal(coef(shifted)[, "x"] + shift[-1], coef(fit)[, "x"], tolerance = 1e-8)
  expect_equal(fitted(shifted), fitted(fit), tolerance = 1e-8)
  expect_equal(predict(shifted, d[1:5, ], "probs"), fitted(fit)[1:5, ], tolerance = 1e-8)
  new <- replace(d[1:5, ], "z", c(NA, d$z[2:5]))
  expect_equal(predict(shifted, new, "probs")[-1, ], fitted(fit)[2:5, ], tolerance = 1e-8)
  in_formula <- glmpp(y ~ x + z + offset(outer(x, c(0, 1, -0.5, 2))), multinomial(), d)
  expect_equal(coef(in_formula), coef(shifted))
})

test_that("predictions of the rows of the fit are its fitted values", {
  d <- random_classes()
  fit <- glmpp(y ~ poly(x, 2) + g, multinomial(), d)
  expect_equal(predict(fit, d, "probs"), fitted(fit), tolerance = 1e-12)
  expect_equal(predict(fit, d, "link"), predict(fit), tolerance = 1e-10)
  expect_equal(unname(predict(fit, type = "link")), unname(log(fitted(fit)[, -1] / fitted(fit)[, 1])), tolerance = 1e-10)
  expect_identical(as.character(predict(fit, d[1:20, ], "class")), levels(d$y)[max.col(fitted(fit)[1:20, ])])
  new <- data.frame(x = c(0, NA, 1), g = c("a", "b", "new"))
  expect_error(predict(fit, new), class = "glmpp_error_levels")
  expect_identical(unname(is.na(predict(fit, new, "probs", new_levels = "na")[, 1])), c(FALSE, TRUE, TRUE))
  expect_identical(is.na(unname(predict(fit, new, "class", new_levels = "na"))), c(FALSE, TRUE, TRUE))
})

test_that("standard errors of predictions are those of the delta method", {
  d <- random_classes()
  fit <- glmpp(y ~ x + g, multinomial(), d)
  row <- d[3, ]
  probabilities <- function(b) {
    fit$coefficients[] <- matrix(b, 3, byrow = TRUE)
    as.vector(predict(fit, row, "probs"))
  }
  gradient <- central_differences(probabilities, as.vector(t(coef(fit))))
  expected <- sqrt(diag(gradient %*% vcov(fit) %*% t(gradient)))
  expect_equal(as.vector(predict(fit, row, "probs", se.fit = TRUE)$se.fit), expected, tolerance = 1e-6)
  x <- model.matrix(fit)[3, ]
  variances <- vapply(1:3, function(k) drop(x %*% vcov(fit)[(k - 1) * 5 + 1:5, (k - 1) * 5 + 1:5] %*% x), 0)
  expect_equal(as.vector(predict(fit, se.fit = TRUE)$se.fit[3, ]), sqrt(variances), tolerance = 1e-10)
})

test_that("rows with missing values come back as na.exclude asks", {
  d <- random_classes(50)
  d$x[c(3, 7)] <- NA
  fit <- glmpp(y ~ x, multinomial(), d, na.action = na.exclude)
  expect_identical(dim(fitted(fit)), c(50L, 4L))
  expect_true(all(is.na(fitted(fit)[c(3, 7), ])))
  expect_length(residuals(fit), 50)
  expect_identical(nobs(fit), 48)
  expect_output(print(summary(fit)), "2 observations deleted")
})

test_that("residuals are what they say", {
  d <- random_classes()
  fit <- glmpp(y ~ x, multinomial(), d, weights = w)
  expect_equal(sum(residuals(fit)^2), deviance(fit), tolerance = 1e-10)
  expect_equal(sum(loglik(fit)), as.numeric(logLik(fit)), tolerance = 1e-12)
  expect_equal(residuals(update(fit, y = FALSE, model = FALSE)), residuals(fit))
  observed <- model.matrix(~ y - 1, d)
  expect_equal(unname(residuals(fit, "response")), unname(observed - fitted(fit)), ignore_attr = TRUE)
  p <- fitted(fit)
  expect_equal(unname(residuals(fit, "pearson")), unname((observed - p) * sqrt(d$w / (p * (1 - p)))), ignore_attr = TRUE)
})

test_that("anova() is the likelihood-ratio test, of fits and of the terms of one", {
  skip_without("nnet")
  d <- random_classes()
  small <- glmpp(y ~ x, multinomial(), d)
  large <- update(small, . ~ . + g)
  theirs <- anova(nnet::multinom(y ~ x, d, trace = FALSE, reltol = 1e-14),
                  nnet::multinom(y ~ x + g, d, trace = FALSE, reltol = 1e-14, maxit = 1000))
  ours <- anova(large, small)
  expect_equal(ours[["Pr(>Chi)"]], theirs[["Pr(Chi)"]], tolerance = 1e-6)
  expect_equal(ours$Df, theirs[["   Df"]])
  expect_equal(anova(large)[["Resid. Dev"]], c(small$null.deviance, deviance(small), deviance(large)), tolerance = 1e-10)
  expect_equal(anova(large)[["Resid. Df"]], c(1497, 1494, 1485))
  expect_error(anova(small, glmpp(y ~ x, multinomial(), d[-1, ])), class = "glmpp_error_argument")
  expect_error(anova(small, lm(x ~ z, d)), class = "glmpp_error_argument")
})

test_that("step(), confint(), summary() and the extractors read a fit", {
  d <- random_classes()
  fit <- glmpp(y ~ x + z + g, multinomial(), d, weights = w)
  dropped <- drop1(fit)
  expect_equal(dropped["z", "AIC"], AIC(update(fit, . ~ . - z)))
  expect_equal(AIC(step(fit, trace = 0)), min(dropped$AIC))
  expect_identical(dim(model.matrix(fit)), c(500L, 6L))
  expect_identical(model.frame(fit)$y, d$y)
  table <- coef(summary(fit))
  expect_equal(table[, 2], sqrt(diag(vcov(fit))))
  expect_equal(confint(fit, "B:x", 0.9)[1, ], table["B:x", 1] + c(-1, 1) * qnorm(0.95) * table["B:x", 2], ignore_attr = TRUE)
  expect_error(confint(fit, "x"), class = "glmpp_error_argument")
  expect_output(print(summary(fit)), "B against A")
  expect_output(print(fit), "Multinomial logit model, 4 classes")
  expect_identical(family(fit)$family, "multinomial")
  expect_equal(df.residual(fit), 1500 - 18)
  expect_output(print(multinomial()), "multinomial")
  empty <- glmpp(y ~ 0, multinomial(), d)
  expect_equal(deviance(empty), 2 * 500 * log(4))
  expect_equal(empty$null.deviance, deviance(empty))
  expect_output(print(empty), "No coefficients")
})

test_that("lean fits say what they were made without", {
  d <- random_classes()
  fit <- glmpp(y ~ x + g, multinomial(), d)
  rows <- glmpp(y ~ x + g, multinomial(), d, keep = "rows")
  lean <- glmpp(y ~ x + g, multinomial(), d, keep = "summary")
  expect_equal(fitted(rows), fitted(fit))
  expect_equal(predict(lean, d[1:3, ], "probs", se.fit = TRUE), predict(fit, d[1:3, ], "probs", se.fit = TRUE))
  expect_equal(coef(summary(lean)), coef(summary(fit)))
  for (reads_rows in list(fitted, residuals, predict, loglik, anova, plot)) expect_error(reads_rows(lean), class = "glmpp_error_left_out")
  expect_lt(length(serialize(lean, NULL)), length(serialize(fit, NULL)) / 4)
})

test_that("probabilities keep their digits far out", {
  p <- glmpp:::softmax_impl(rbind(c(1e4, 0, -1e4), c(800, 0, -40), c(-1e-17, 0, 0)))
  expect_equal(p[1, ], c(1, 0, 0))
  expect_equal(p[2, 2:3], c(exp(-800), exp(-840)))
  expect_equal(p[3, ], rep(1 / 3, 3))
  d <- data.frame(y = gl(3, 40), x = rep(c(-400, 1, 400), 40))
  expect_true(all(is.finite(unlist(nll(y ~ x, multinomial(), d, matrix(2, 2, 2))))))
})

test_that("a trace has a line for each iteration", {
  fit <- glmpp(Species ~ Sepal.Width, multinomial(), iris, trace = "coefficients")
  expect_s3_class(fit$trace, "glmpp_trace")
  expect_identical(nrow(fit$trace), fit$iter + 1L)
  expect_identical(colnames(attr(fit$trace, "coefficients")), rownames(vcov(fit)))
})

test_that("plot() draws every class along a variable and leaves par() alone", {
  grDevices::pdf(NULL)
  on.exit(grDevices::dev.off())
  before <- graphics::par("mar", "las", "mfrow", "cex")
  d <- random_classes()
  fit <- glmpp(y ~ poly(x, 2) + g, multinomial(), d)
  drawn <- plot(fit)
  expect_identical(names(drawn), c("x", levels(d$y)))
  expect_equal(unlist(drawn[101, -1]), predict(fit, data.frame(x = max(d$x), g = names(which.max(table(d$g)))), "probs")[1, ])
  expect_identical(as.character(plot(fit, "g", level = NULL, at = list(x = 1))$g), letters[1:4])
  expect_identical(graphics::par("mar", "las", "mfrow", "cex"), before)
  expect_error(plot(fit, "nothing"), class = "glmpp_error_argument")
})
