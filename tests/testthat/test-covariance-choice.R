# The covariance that a verb is told to take, beside sandwich.

made <- with_local_seed(3, {
  data <- data.frame(x = rnorm(500), g = factor(sample(letters[1:3], 500, TRUE)), id = sample(40, 500, TRUE), year = sample(9, 500, TRUE))
  data$y <- rbinom(500, 1, plogis(data$x + rnorm(40)[data$id]))
  data$same <- 2 * data$x
  data
})
fit <- glmpp(y ~ x + g + same, binomial, made)
plain <- glm(y ~ x + g, binomial, made, epsilon = 1e-14)

test_that("clusters in several ways are those of sandwich::vcovCL()", {
  skip_if_not_installed("sandwich")
  for (type in c("HC0", "HC1")) {
    for (cluster in list(~id, ~ id + year, ~ id + year + g)) {
      expect_equal(vcov(fit, complete = FALSE, type = type, cluster = cluster), sandwich::vcovCL(plain, cluster, type = type),
                   tolerance = 1e-8, ignore_attr = TRUE, label = paste(type, deparse1(cluster)))
    }
  }
})

test_that("summary(), confint() and predict() take it", {
  skip_if_not_installed("sandwich")
  choices <- list(HC0 = "HC0", HC1 = "HC1", HC2 = "HC2", HC3 = "HC3", HC4 = "HC4", HC4m = "HC4m", observed = "observed", clusters = ~ id + year, fun = sandwich::vcovHC,
                  matrix = vcov(fit, complete = FALSE, type = "HC1"))
  x <- model.matrix(plain)[1:5, ]
  for (name in names(choices)) {
    choice <- choices[[name]]
    expected <- if (is.function(choice)) choice(plain)
                else if (is.matrix(choice)) choice
                else if (inherits(choice, "formula")) sandwich::vcovCL(plain, choice, type = "HC1")
                else if (choice == "observed") vcov(plain)
                else sandwich::vcovHC(plain, choice)
    table <- coef(summary(fit, vcov = choice))
    errors <- sqrt(diag(expected))
    expect_equal(table[, 2], errors, tolerance = 1e-6, ignore_attr = TRUE, label = name)
    expect_equal(table[, 4], 2 * pnorm(-abs(coef(plain) / errors)), tolerance = 1e-5, ignore_attr = TRUE, label = name)
    limits <- confint(fit, vcov = choice)
    expect_equal(limits[-5, 2], coef(plain) + qnorm(0.975) * errors, tolerance = 1e-6, ignore_attr = TRUE, label = name)
    expect_true(all(is.na(limits["same", ])))
    expected_errors <- sqrt(rowSums((x %*% expected) * x))
    for (rows in list(made[1:5, ], NULL)) {
      predicted <- predict(fit, rows, se.fit = TRUE, vcov = choice)
      expect_equal(predicted$se.fit[1:5], expected_errors, tolerance = 1e-6, ignore_attr = TRUE, label = name)
    }
  }
  expect_equal(coef(summary(fit, vcov = "model")), coef(summary(fit)))
  expect_output(print(summary(fit, vcov = ~ id + year)), "Standard errors: clustered by id + year", fixed = TRUE)
  linear <- glmpp(x ~ g, gaussian, made)
  expect_equal(coef(summary(linear, vcov = "HC1"))[, 2], sqrt(diag(sandwich::vcovHC(lm(x ~ g, made), "HC1"))), tolerance = 1e-8)
  expect_identical(colnames(coef(summary(linear, vcov = "HC1")))[3], "t value")
})

test_that("from afar the same", {
  file <- tempfile(fileext = ".csv")
  write.csv(made, file, row.names = FALSE)
  afar <- glmpp(y ~ x + g + same, binomial, csv_chunks(file, rows = 120))
  for (choice in list("HC1", "HC3", "HC4m", "observed", ~ id + year)) {
    expect_equal(coef(summary(afar, vcov = choice)), coef(summary(fit, vcov = choice)), tolerance = 1e-8)
    expect_equal(confint(afar, vcov = choice), confint(fit, vcov = choice), tolerance = 1e-8)
    errors_of <- function(fit) predict(fit, made[1:3, ], se.fit = TRUE, vcov = choice)$se.fit
    expect_equal(errors_of(afar), errors_of(fit), tolerance = 1e-8)
  }
})

test_that("the observed information is the second derivative of the likelihood, dispersion included", {
  data <- with_local_seed(4, transform(made, y = rgamma(500, 2, scale = exp(x / 3) / 2)))
  for (family in list(Gamma("log"), Gamma("inverse"))) {
    fit <- glmpp(y ~ pnorm(x) + g, family, data)
    value <- nll(y ~ pnorm(x) + g, family, data, coef(fit))
    expect_equal(vcov(fit, type = "observed"), dispersion(fit) * solve(value$observed_information), tolerance = 1e-8, ignore_attr = TRUE)
  }
  skip_if_not_installed("RSQLite")
  connection <- local_sqlite()
  DBI::dbWriteTable(connection, "rows", transform(made, g = as.character(g)))
  expect_error(vcov(glmpp(y ~ x, binomial("cloglog"), in_database(connection, "rows", "database")), type = "observed"),
               class = "glmpp_error_covariance")
})

test_that("leverages count in every type: weights, aliased columns, a gaussian family, equal rows of a database", {
  skip_if_not_installed("sandwich")
  weighted <- glmpp(x ~ g + same + I(2 * same) + offset(year / 10), gaussian, made, weights = id)
  exact <- lm(x ~ g + same + offset(year / 10), made, weights = id)
  expect_equal(nrow(vcov(weighted, complete = FALSE)), 4)
  for (type in c("HC2", "HC3", "HC4", "HC4m")) {
    expect_equal(vcov(glmpp(year ~ g + x, gaussian, made), type = type), sandwich::vcovHC(lm(year ~ g + x, made), type), tolerance = 1e-8)
    expect_equal(vcov(glmpp(id ~ x + g, poisson, made), type = type), tolerance = 1e-6,
                 sandwich::vcovHC(glm(id ~ x + g, poisson, made, epsilon = 1e-14), type), ignore_attr = TRUE)
  }
  skip_if_not_installed("RSQLite")
  connection <- local_sqlite()
  DBI::dbWriteTable(connection, "rows", transform(made, g = as.character(g)))
  counted <- glmpp(y ~ g, binomial, in_database(connection, "rows", "database"))
  expect_equal(vcov(counted, type = "HC3"), vcov(glmpp(y ~ g, binomial, made), type = "HC3"), tolerance = 1e-8)
  summed <- glmpp(y ~ g + x, binomial, in_database(connection, "rows", "database"))
  expect_error(vcov(summed, type = "HC3"), class = "glmpp_error_covariance")
})

test_that("what is no covariance is refused by name", {
  expect_error(summary(fit, vcov = "HC9"), class = "glmpp_error_argument")
  expect_error(summary(fit, vcov = diag(9)), "4 coefficients", class = "glmpp_error_argument")
  expect_error(confint(fit, vcov = 1), class = "glmpp_error_argument")
  expect_error(confint(fit, vcov = "HC1", method = "profile"), class = "glmpp_error_argument")
  expect_error(vcov(fit, type = "HC1", cluster = ~ id:year), "with `+` between", fixed = TRUE, class = "glmpp_error_argument")
  expect_error(vcov(fit, type = "observed", cluster = ~id), class = "glmpp_error_argument")
  expect_error(predict(fit, made, type = "terms", se.fit = TRUE, vcov = "HC1"), class = "glmpp_error_argument")
})
