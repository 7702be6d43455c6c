"""nginx with one worker that answers one body from its configuration."""

import machine

CONFIGURATION = """
daemon off;
pid {directory}/nginx.pid;
error_log {directory}/error.log;
worker_processes 1;
worker_rlimit_nofile 30000;
user root;
events {{ worker_connections 20000; }}
http {{
  access_log off;
  keepalive_requests 1000000000;
  keepalive_timeout 600s;
  client_body_temp_path {directory}/body;
  proxy_temp_path {directory}/proxy;
  fastcgi_temp_path {directory}/fastcgi;
  uwsgi_temp_path {directory}/uwsgi;
  scgi_temp_path {directory}/scgi;
  server {{
    listen 127.0.0.1:{port} backlog=1024;
    default_type application/json;
    location / {{ return 200 '{body}'; }}
  }}
}}
"""


class Nginx:
    name = "nginx"

    def __init__(self, directory, body):
        self.port = machine.free_port()
        self.key = None
        configuration = directory / "nginx.conf"
        configuration.write_text(CONFIGURATION.format(directory=directory, port=self.port, body=body))
        self.process = machine.Process(["nginx", "-c", configuration, "-e", directory / "error.log"],
                                       directory / "nginx.log")
        self.process.wait_for(lambda: machine.listens(self.port))

    def stop(self):
        self.process.stop()
